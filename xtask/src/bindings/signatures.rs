//! Sorted lists of what the generated sources offer: one line for each type, member and function,
//! without bodies, comments and the machinery beneath.

/// What the Kotlin source offers.
pub(crate) fn kotlin(source: &str) -> String {
    let mut found = Vec::new();
    let mut owner = None;
    for line in logical_lines(source) {
        let text = line.text.replace('`', "").replace("kotlin.", "");
        if line.indent == 0 && text != "{" {
            owner = kotlin_type(&text).or_else(|| other(&text));
            if let Some((kind, name)) = &owner
                && *kind != Kind::Other
            {
                let (head, fields) = split_arguments(&text);
                found.push(format!("{name}: {}", signature(head)));
                found.extend(fields.iter().map(|field| format!("{name}.{field}")));
            }
            continue;
        }
        let text = without_annotations(&text);
        let is_function = text.starts_with("fun ") || text.starts_with("suspend fun ");
        let member = signature(text);
        match &owner {
            None if is_function => found.push(member.to_owned()),
            Some((Kind::Interface, name)) if is_function => found.push(format!("{name}.{member}")),
            // Its methods are those of its interface; its own is the constructor.
            Some((Kind::Class, name)) if text.starts_with("suspend fun ") => {
                found.push(format!("{name}.{member}"));
            }
            Some((Kind::Cases, name)) if is_kotlin_case(text, name) => {
                found.push(format!("{name}.{}", member.trim_end_matches([',', ';'])));
            }
            _ => {}
        }
    }
    listed(found)
}

/// What the Swift source offers.
pub(crate) fn swift(source: &str) -> String {
    let mut found = Vec::new();
    let mut owner = None;
    for line in logical_lines(source) {
        let text = line.text.as_str();
        if line.indent == 0 {
            owner = swift_type(text);
            if let Some((_, name)) = &owner {
                found.push(format!("{name}: {}", signature(text)));
            } else if text.starts_with("public func ") && !is_machinery(signature(text)) {
                found.push(signature(text).to_owned());
            }
            continue;
        }
        let Some((kind, name)) = &owner else { continue };
        let starts: &[&str] = match kind {
            Kind::Interface => &["func "],
            Kind::Class => &["public static func "],
            Kind::Cases => &["case ", "public let ", "public init("],
            Kind::Other => &[],
        };
        if starts.iter().any(|start| text.starts_with(start)) {
            found.push(format!("{name}.{}", signature(text)));
        }
    }
    listed(found)
}

/// What stands at the left margin and has members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Interface,
    Class,
    /// An enumeration, a sealed class or a record.
    Cases,
    /// Nothing for apps.
    Other,
}

fn kotlin_type(text: &str) -> Option<(Kind, String)> {
    const HEADS: [(&str, Kind); 5] = [
        ("public interface ", Kind::Interface),
        ("open class ", Kind::Class),
        ("enum class ", Kind::Cases),
        ("sealed class ", Kind::Cases),
        ("data class ", Kind::Cases),
    ];
    named(text, &HEADS).filter(|(kind, _)| *kind != Kind::Class || text.contains("AutoCloseable"))
}

fn swift_type(text: &str) -> Option<(Kind, String)> {
    const HEADS: [(&str, Kind); 5] = [
        ("public protocol ", Kind::Interface),
        ("open class ", Kind::Class),
        ("public struct ", Kind::Cases),
        ("public enum ", Kind::Cases),
        ("enum ", Kind::Cases),
    ];
    named(text, &HEADS)
}

/// The opening line of something that is not for apps.
fn other(text: &str) -> Option<(Kind, String)> {
    text.ends_with('{').then(|| (Kind::Other, String::new()))
}

fn named(text: &str, heads: &[(&str, Kind)]) -> Option<(Kind, String)> {
    let (rest, kind) = heads
        .iter()
        .find_map(|(head, kind)| Some((text.strip_prefix(head)?, *kind)))?;
    let name: String = rest
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!is_machinery(&name)).then_some((kind, name))
}

/// What stands between the languages, and no app touches.
fn is_machinery(text: &str) -> bool {
    let words = ["Ffi", "Uniffi", "uniffi", "RustBuffer", "ForeignBytes"];
    words.iter().any(|word| text.contains(word))
}

/// A case of an enumeration or of a sealed class.
fn is_kotlin_case(text: &str, owner: &str) -> bool {
    let is_constant = text.ends_with([',', ';'])
        && text
            .trim_end_matches([',', ';'])
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        && text.len() > 1;
    let is_class = ["object ", "data class ", "class "]
        .iter()
        .any(|start| text.starts_with(start))
        && text.contains(&format!(": {owner}()"));
    is_constant || is_class
}

/// The line up to its body.
fn signature(text: &str) -> &str {
    let head = text.split_once(" {").map_or(text, |(head, _)| head);
    head.trim().trim_end_matches('=').trim()
}

/// Drops `@Throws(…)` and the like from the front.
fn without_annotations(mut text: &str) -> &str {
    while text.starts_with('@') {
        let Some((_, rest)) = text.split_once(") ") else {
            return "";
        };
        text = rest.trim_start();
    }
    text
}

/// What stands before the first parenthesis, and the arguments in it.
fn split_arguments(text: &str) -> (&str, Vec<String>) {
    let Some((head, rest)) = text.split_once('(') else {
        return (text, Vec::new());
    };
    if !head.starts_with("data class ") {
        return (text, Vec::new());
    }
    let inside = rest.rsplit_once(')').map_or(rest, |(inside, _)| inside);
    let fields = inside.split(", val ").map(|field| {
        let field = field.trim().trim_start_matches("val ");
        format!("val {}", field.trim_end_matches([',', ' ']))
    });
    (head, fields.collect())
}

fn listed(mut found: Vec<String>) -> String {
    found.sort();
    found.dedup();
    let mut text = found.join("\n");
    text.push('\n');
    text
}

/// A line with those that follow it while a parenthesis is open.
struct LogicalLine {
    indent: usize,
    text: String,
}

fn logical_lines(source: &str) -> Vec<LogicalLine> {
    let mut lines: Vec<LogicalLine> = Vec::new();
    let mut open = 0_i32;
    let source = without_comments(source);
    for line in source.lines().filter(|line| !line.trim().is_empty()) {
        let text = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let depth = |text: &str| {
            let count = |c| i32::try_from(text.matches(c).count()).unwrap_or(i32::MAX);
            count('(') - count(')')
        };
        match lines.last_mut() {
            Some(last) if open > 0 => {
                let gap = if last.text.ends_with('(') || text.starts_with([')', ',']) {
                    ""
                } else {
                    " "
                };
                last.text.push_str(gap);
                last.text.push_str(&text);
            }
            _ => lines.push(LogicalLine {
                indent: line.len() - line.trim_start().len(),
                text: text.clone(),
            }),
        }
        open = (open + depth(&text)).max(0);
    }
    lines
}

fn without_comments(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("/*") {
        text.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let code = |line: &str| {
        let comment = line.trim_start().starts_with("//");
        if comment {
            String::new()
        } else {
            line.to_owned()
        }
    };
    text.lines().map(code).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kotlin_signatures_are_found() {
        let source = "/** A (b */\npublic interface ThingInterface {\n    // no fun here\n\
            \x20   suspend fun `send`(`a`: kotlin.Int = 0): kotlin.String\n\
            \x20   companion object\n}\n\
            open class Thing: Disposable, AutoCloseable, ThingInterface\n{\n\
            \x20   override suspend fun `send`(`a`: kotlin.Int) : kotlin.String {\n    }\n\
            \x20    suspend fun `open`() : Thing {\n    }\n}\n\
            data class Point (\n    val `x`: kotlin.Long\n    ,\n    val `y`: kotlin.Int = 0\n){\n}\n\
            enum class Side {\n    LEFT,\n    RIGHT;\n}\n\
            sealed class Change {\n    object All : Change()\n    data class One(\n\
            \x20       val `id`: kotlin.String) : Change()\n    {\n    }\n}\n\
            public object FfiConverterSide {\n    fun read() {\n    }\n}\n\
            \x20   @Throws(ThingException::class) fun `now`(): kotlin.Int {\n}\n";
        let expected = "Change.data class One(val id: String) : Change()\n\
            Change.object All : Change()\nChange: sealed class Change\n\
            Point.val x: Long\nPoint.val y: Int = 0\nPoint: data class Point\n\
            Side.LEFT\nSide.RIGHT\nSide: enum class Side\n\
            Thing.suspend fun open() : Thing\n\
            Thing: open class Thing: Disposable, AutoCloseable, ThingInterface\n\
            ThingInterface.suspend fun send(a: Int = 0): String\n\
            ThingInterface: public interface ThingInterface\nfun now(): Int\n";
        assert_eq!(kotlin(source), expected);
    }

    #[test]
    fn swift_signatures_are_found() {
        let source = "public protocol ThingProtocol: AnyObject, Sendable {\n\
            \x20   func send(a: Int32) async throws  -> String\n}\n\
            open class Thing: ThingProtocol, @unchecked Sendable {\n\
            public static func `open`(a: Int32)async throws  -> Thing  {\n\
            \x20   return 1\n}\nopen func send(a: Int32)async throws  -> String  {\n}\n}\n\
            public struct Point: Equatable, Hashable {\n    /** x */\n    public let x: Int64\n\
            \x20   public init(\n        x: Int64) {\n        self.x = x\n    }\n}\n\
            public\nenum Change: Equatable {\n    case all\n    case one(\n        id: String\n    )\n}\n\
            public struct FfiConverterTypePoint {\n    case no\n}\n\
            public func now()throws  -> Int32  {try call(FfiX.lift) {\n    }\n)\n}\n";
        let found = swift(source);
        for expected in [
            "Change.case all\n",
            "Change.case one(id: String)\n",
            "Point.public let x: Int64\n",
            "Point.public init(x: Int64)\n",
            "ThingProtocol.func send(a: Int32) async throws -> String\n",
            "public func now()throws -> Int32\n",
        ] {
            assert!(found.contains(expected), "{expected} in {found}");
        }
        assert!(!found.contains("Ffi"), "{found}");
    }
}
