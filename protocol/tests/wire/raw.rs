//! Protobuf by hand, for what a newer or a hostile peer might send.

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn tag(number: u32, wire_type: u64) -> Vec<u8> {
    varint(u64::from(number) << 3 | wire_type)
}

pub(crate) fn number_field(number: u32, value: u64) -> Vec<u8> {
    [tag(number, 0), varint(value)].concat()
}

pub(crate) fn fixed64_field(number: u32, value: u64) -> Vec<u8> {
    [tag(number, 1), value.to_le_bytes().to_vec()].concat()
}

pub(crate) fn bytes_field(number: u32, bytes: &[u8]) -> Vec<u8> {
    let length = u64::try_from(bytes.len()).unwrap();
    [claimed_bytes_field(number, length), bytes.to_vec()].concat()
}

/// The start of a field that claims a length, without the bytes.
pub(crate) fn claimed_bytes_field(number: u32, length: u64) -> Vec<u8> {
    [tag(number, 2), varint(length)].concat()
}

pub(crate) fn fixed32_field(number: u32, value: u64) -> Vec<u8> {
    let [a, b, c, d, ..] = value.to_le_bytes();
    [tag(number, 5), vec![a, b, c, d]].concat()
}

/// The number at the start of these bytes, and what follows it.
fn read_varint(bytes: &[u8]) -> (u64, &[u8]) {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap();
    let (number, rest) = bytes.split_at(end + 1);
    let number = number
        .iter()
        .rev()
        .fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f));
    (number, rest)
}

/// The same frame with one more field inside its kind, which is what comes last in a frame.
pub(crate) fn with_field_in_kind(frame: &[u8], field: &[u8]) -> Vec<u8> {
    let (mut request, mut kind) = (Vec::new(), frame);
    if frame.first() == Some(&0x08) {
        let (_, rest) = read_varint(frame.split_first().unwrap().1);
        let (before, after) = frame.split_at(frame.len() - rest.len());
        (request, kind) = (before.to_vec(), after);
    }
    let (tag, rest) = read_varint(kind);
    let (length, body) = read_varint(rest);
    assert_eq!(length, u64::try_from(body.len()).unwrap());
    let number = u32::try_from(tag >> 3).unwrap();
    [request, bytes_field(number, &[body, field].concat())].concat()
}
