//! Secrets that people write down or type: Crockford's base 32 in groups of four, with a checksum.
//!
//! The checksum is CRC-32. It finds every error that lies within 32 bits, so one wrong character,
//! or two neighbours that changed places, never goes unnoticed. It protects from slips of the pen,
//! not from an attacker: whoever knows a code can make any other.

use zeroize::Zeroizing;

/// No I, L, O and U: they are read as other characters, or make words.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP_CHARS: usize = 4;
const CHECKSUM_BYTES: usize = 4;
/// The longest text that is looked at.
const TEXT_BYTES_MAX: usize = 512;

/// Why a text is not a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Characters are missing, or there are too many.
    #[error("a code of this kind has another number of characters")]
    Length,
    /// A character that does not occur in codes.
    #[error("{0:?} does not occur in a code")]
    Character(char),
    /// The checksum does not fit: at least one character is wrong.
    #[error("a character of the code is wrong")]
    Checksum,
    /// Another version of this software made the code.
    #[error("version {0} of the code is unknown")]
    UnknownVersion(u8),
    /// The text is a code of another kind.
    #[error("a code of another kind")]
    Kind,
}

/// The text of a code.
pub(crate) fn encode(bytes: &[u8]) -> Zeroizing<String> {
    let checksum = crc_32(bytes).to_be_bytes();
    let whole = Zeroizing::new([bytes, &checksum].concat());
    let bits: Zeroizing<Vec<u8>> = Zeroizing::new(whole.iter().flat_map(bits_of_byte).collect());
    let mut text = Zeroizing::new(String::with_capacity(bits.len() / 4 + 1));
    for (place, five) in bits.chunks(5).enumerate() {
        if place > 0 && place % GROUP_CHARS == 0 {
            text.push('-');
        }
        let value = five.iter().fold(0, |value, bit| (value << 1) | bit) << (5 - five.len());
        text.extend(ALPHABET.get(usize::from(value)).copied().map(char::from));
    }
    text
}

/// Reads the text of a code of this many bytes. Case, spaces and hyphens do not matter; I and L
/// are read as 1, O as 0.
pub(crate) fn decode(text: &str, bytes: usize) -> Result<Zeroizing<Vec<u8>>, CodeError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(CodeError::Length);
    }
    let mut bits = Zeroizing::new(Vec::with_capacity(text.len() * 5));
    for character in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let value = value_of(character).ok_or(CodeError::Character(character))?;
        bits.extend(bits_of_byte(&value).skip(3));
    }
    let wanted = (bytes + CHECKSUM_BYTES) * 8;
    if bits.len() != wanted.div_ceil(5) * 5 {
        return Err(CodeError::Length);
    }
    let (whole, rest) = bits.split_at_checked(wanted).ok_or(CodeError::Length)?;
    let whole = whole.chunks(8);
    let whole: Vec<u8> = whole
        .map(|byte| byte.iter().fold(0, |value, bit| (value << 1) | bit))
        .collect();
    let whole = Zeroizing::new(whole);
    let (code, checksum) = whole.split_at_checked(bytes).ok_or(CodeError::Length)?;
    if rest.contains(&1) || checksum != crc_32(code).to_be_bytes() {
        return Err(CodeError::Checksum);
    }
    Ok(Zeroizing::new(code.to_vec()))
}

fn value_of(character: char) -> Option<u8> {
    let character = match character.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    let symbols = (0_u8..).zip(ALPHABET);
    symbols
        .into_iter()
        .find_map(|(value, symbol)| (char::from(*symbol) == character).then_some(value))
}

fn bits_of_byte(byte: &u8) -> impl Iterator<Item = u8> + use<> {
    let byte = *byte;
    (0..8).rev().map(move |place| (byte >> place) & 1)
}

/// CRC-32 as in Ethernet and zip files.
fn crc_32(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = if crc & 1 == 1 { 0xEDB8_8320 } else { 0 };
            crc = (crc >> 1) ^ carry;
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_checksum_is_the_known_one() {
        assert_eq!(crc_32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn what_is_encoded_decodes_at_every_length() {
        for length in 0..60_u8 {
            let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(73) ^ length).collect();
            let text = encode(&bytes);
            assert_eq!(*decode(&text, bytes.len()).unwrap(), bytes);
            assert_eq!(decode(&text, bytes.len() + 1), Err(CodeError::Length));
            let sloppy = text.to_lowercase().replace('-', "  ").replace('0', "o");
            assert_eq!(*decode(&sloppy, bytes.len()).unwrap(), bytes);
        }
    }
}
