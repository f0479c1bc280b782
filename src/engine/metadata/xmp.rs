//! XMP: RDF in XML. Elements are found by the usual prefixes of their namespaces, which is what writers use.

/// What says whose an image is: Dublin Core's creator and rights, and all of XMP's rights management.
const KEPT: [&str; 2] = ["dc:creator", "dc:rights"];
const KEPT_PREFIX: &str = "xmpRights:";
/// The most that is kept of one element, in bytes.
const LONGEST: usize = 64 << 10;

/// A new packet with who made the image and whose it is. `None` where neither is said.
pub(super) fn rights(xmp: &[u8]) -> Option<Vec<u8>> {
    let text = str::from_utf8(xmp).ok()?;
    let mut kept = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        rest = rest.get(start..)?;
        let Some(tag) = Tag::at(rest) else {
            if rest.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic) {
                // A tag without an end. What follows would be looked through again and again.
                break;
            }
            // An end tag, a comment or an instruction.
            rest = rest.get(1..)?;
            continue;
        };
        if tag.name == "rdf:Description" {
            for (name, value) in tag.attributes() {
                // As an element it means the same.
                if is_kept(name) {
                    kept.extend(["<", name, ">", value, "</", name, ">"]);
                }
            }
        }
        let length = if is_kept(tag.name) {
            let Some(element) = tag.element(rest) else {
                break;
            };
            kept.push_str(element);
            element.len()
        } else {
            tag.length
        };
        rest = rest.get(length..)?;
    }
    if kept.is_empty() {
        return None;
    }
    let packet = format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:xmpRights=\"http://ns.adobe.com/xap/1.0/rights/\">\
         {kept}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>"
    );
    Some(packet.into_bytes())
}

/// The packet, with an orientation of 1 wherever it has one.
pub(super) fn upright(mut xmp: Vec<u8>) -> Vec<u8> {
    const NAME: &[u8] = b"tiff:Orientation";
    let mut at = 0;
    while let Some(found) = xmp
        .get(at..)
        .and_then(|rest| rest.windows(NAME.len()).position(|window| window == NAME))
    {
        at += found + NAME.len();
        // Up to the value there is no more than `>`, or `="`.
        let behind = xmp.iter_mut().skip(at).take(6);
        if let Some(digit) = behind.into_iter().find(|byte| byte.is_ascii_digit()) {
            *digit = b'1';
        }
    }
    xmp
}

fn is_kept(name: &str) -> bool {
    KEPT.contains(&name) || name.starts_with(KEPT_PREFIX)
}

/// A start tag.
struct Tag<'a> {
    name: &'a str,
    /// What is between the name and the end.
    inside: &'a str,
    /// Up to the `>`, in bytes.
    length: usize,
}

impl<'a> Tag<'a> {
    /// The one that a text begins with.
    fn at(text: &'a str) -> Option<Self> {
        let name_end = text
            .char_indices()
            .skip(1)
            .find(|&(_, c)| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.')))?
            .0;
        let name = text.get(1..name_end).filter(|name| !name.is_empty())?;
        let mut quote = None;
        for (at, byte) in text.bytes().enumerate().take(LONGEST).skip(name_end) {
            match (quote, byte) {
                (None, b'"' | b'\'') => quote = Some(byte),
                (Some(open), byte) if open == byte => quote = None,
                (None, b'>') => {
                    return Some(Self {
                        name,
                        inside: text.get(name_end..at)?,
                        length: at + 1,
                    });
                }
                (None, b'<') => return None,
                _ => {}
            }
        }
        None
    }

    /// The whole element, up to its end tag. None that says it is longer than anything honest.
    fn element(&self, text: &'a str) -> Option<&'a str> {
        if self.inside.ends_with('/') {
            return text.get(..self.length);
        }
        let end = format!("</{}>", self.name);
        let window = text.as_bytes().get(..LONGEST.min(text.len()))?;
        let at = window
            .windows(end.len())
            .position(|window| window == end.as_bytes())?;
        let element = text.get(..at + end.len())?;
        // Only what is well formed may stand in the new packet.
        is_balanced(element).then_some(element)
    }

    fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = self.inside;
        std::iter::from_fn(move || {
            let (name, tail) = rest.split_once('=')?;
            let tail = tail.trim_start();
            let quote = tail.chars().next().filter(|&c| c == '"' || c == '\'')?;
            let (value, tail) = tail.get(1..)?.split_once(quote)?;
            rest = tail;
            Some((name.trim(), value))
        })
        .filter(|(_, value)| !value.contains('<'))
    }
}

/// Whether each start tag of an element has its end tag, and nothing but tags and text is in it.
fn is_balanced(element: &str) -> bool {
    let mut open = Vec::new();
    let mut rest = element;
    while let Some(start) = rest.find('<') {
        rest = rest.get(start..).unwrap_or_default();
        if let Some(tail) = rest.strip_prefix("</") {
            let Some((name, tail)) = tail.split_once('>') else {
                return false;
            };
            if open.pop() != Some(name.trim_end()) {
                return false;
            }
            rest = tail;
        } else {
            let Some(tag) = Tag::at(rest) else {
                return false;
            };
            if !tag.inside.ends_with('/') {
                open.push(tag.name);
            }
            rest = rest.get(tag.length..).unwrap_or_default();
        }
    }
    open.is_empty()
}
