//! What is looked at before a tree is built of an SVG: that it is not larger than it seems.

use std::collections::HashMap;

use resvg::usvg::roxmltree::{Document, Error, Node, ParsingOptions};

use crate::engine::RenderError;

const MAX_BYTES: usize = 5 << 20;
const MAX_NODES: u32 = 100_000;
/// How deep elements lie in each other, where one that refers to another counts as around it.
const MAX_LEVELS: u32 = 64;
/// All attributes and elements, each as often as it is referred to; an element counts as some bytes.
const MAX_EXPANDED: u64 = 32 << 20;
const ELEMENT: u64 = 32;
/// Style rules times elements.
const MAX_MATCHES: usize = 5_000_000;

/// Whether this begins like an SVG: its root element comes after nothing but declarations and comments.
pub(super) fn is_svg(source: &[u8]) -> bool {
    const WITHIN: usize = 4096;
    let mut rest = source.get(..WITHIN).unwrap_or(source);
    rest = rest.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(rest);
    loop {
        rest = rest.trim_ascii_start();
        let end: &[u8] = if rest.starts_with(b"<!--") {
            b"-->"
        } else if rest.starts_with(b"<?") {
            b"?>"
        } else if rest.starts_with(b"<!DOCTYPE") {
            let subset = rest.iter().position(|&byte| matches!(byte, b'[' | b'>'));
            match subset.and_then(|at| rest.get(at)) {
                Some(b'[') => b"]",
                _ => b">",
            }
        } else {
            break;
        };
        let Some(at) = find(rest, end) else {
            return false;
        };
        rest = rest.get(at + end.len()..).unwrap_or_default();
        if end == b"]" {
            rest = rest.trim_ascii_start();
            rest = rest.strip_prefix(b">").unwrap_or(rest);
        }
    }
    let name = rest
        .strip_prefix(b"<svg:svg")
        .or_else(|| rest.strip_prefix(b"<svg"));
    let after = name.and_then(<[u8]>::first);
    after.is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// The source, if it is not long, and its entities cannot make it so.
pub(super) fn text(source: &[u8]) -> Result<&str, RenderError> {
    if source.len() > MAX_BYTES {
        return Err(RenderError::too_large("the SVG has too many bytes"));
    }
    let text = std::str::from_utf8(source)
        .map_err(|_| RenderError::unsupported("the SVG is not in UTF-8"))?;
    let Some(first) = text.find("<!ENTITY") else {
        return Ok(text);
    };
    // Those that editors write are short, and name no others.
    let declared = text.get(first..).unwrap_or_default();
    let subset = declared
        .find(']')
        .map_or(declared, |end| declared.get(..end).unwrap_or(declared));
    let last = text.rfind("<!ENTITY").unwrap_or(first);
    let uses = text.matches('&').count();
    if subset.contains(['&', '%'])
        || subset.contains("SYSTEM")
        || subset.contains("PUBLIC")
        || last > first + subset.len()
        || uses.saturating_mul(subset.len()) > MAX_BYTES
    {
        return Err(RenderError::too_large(
            "the SVG declares entities that could expand without bound",
        ));
    }
    Ok(text)
}

pub(super) fn document(text: &str) -> Result<Document<'_>, RenderError> {
    let options = ParsingOptions {
        allow_dtd: true,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| match error {
        Error::NodesLimitReached => RenderError::too_large("the SVG has too many elements"),
        error => RenderError::corrupt(format!("reading an SVG: {error}")),
    })
}

/// Refuses what expands too far, lies too deep, or refers to itself.
pub(super) fn check(document: &Document<'_>) -> Result<(), RenderError> {
    let links = Links::of(document)?;
    let root = document.root_element();
    // Each element is entered, and left after all that is in it or that it refers to.
    let mut seen: HashMap<usize, Option<Sum>> = HashMap::new();
    let mut open = vec![(root, false)];
    while let Some((node, leave)) = open.pop() {
        let id = node.id().get_usize();
        if leave {
            let mut sum = Sum {
                bytes: own_bytes(node),
                levels: 1,
            };
            for (inner, times) in links.of_node(node) {
                let inner = seen.get(&inner.id().get_usize()).copied().flatten();
                sum.add(inner.unwrap_or_default(), times)?;
            }
            seen.insert(id, Some(sum));
            continue;
        }
        match seen.get(&id) {
            Some(Some(_)) => continue,
            Some(None) => return Err(RenderError::corrupt("the SVG refers to itself")),
            None => {}
        }
        seen.insert(id, None);
        open.push((node, true));
        if open.len() > 4 * MAX_NODES as usize {
            return Err(expands());
        }
        for (inner, _) in links.of_node(node) {
            match seen.get(&inner.id().get_usize()) {
                Some(Some(_)) => {}
                Some(None) => return Err(RenderError::corrupt("the SVG refers to itself")),
                None => open.push((inner, false)),
            }
        }
    }
    Ok(())
}

fn expands() -> RenderError {
    RenderError::too_large("the SVG expands to too many elements")
}

/// An element with all that is in it, or referred to.
#[derive(Clone, Copy, Default)]
struct Sum {
    bytes: u64,
    levels: u32,
}

impl Sum {
    fn add(&mut self, inner: Self, times: u64) -> Result<(), RenderError> {
        self.bytes = self.bytes.saturating_add(inner.bytes.saturating_mul(times));
        self.levels = self.levels.max(inner.levels + 1);
        if self.bytes > MAX_EXPANDED {
            return Err(expands());
        }
        if self.levels > MAX_LEVELS {
            return Err(RenderError::too_large("the SVG's elements lie too deep"));
        }
        Ok(())
    }
}

fn own_bytes(node: Node<'_, '_>) -> u64 {
    let values = node
        .attributes()
        .map(|attribute| attribute.value().len() as u64);
    ELEMENT + values.sum::<u64>()
}

/// What elements refer to.
struct Links<'a, 'input> {
    by_id: HashMap<&'a str, Node<'a, 'input>>,
    /// By a selector: `.` and a class, `#` and an id, or nothing and a name.
    by_selector: HashMap<(&'a str, &'a str), Vec<&'a str>>,
}

impl<'a, 'input> Links<'a, 'input> {
    fn of(document: &'a Document<'input>) -> Result<Self, RenderError> {
        let mut links = Self {
            by_id: HashMap::new(),
            by_selector: HashMap::new(),
        };
        let (mut elements, mut rules) = (0, 0);
        for node in document.descendants().filter(Node::is_element) {
            elements += 1;
            if let Some(id) = node.attribute("id") {
                links.by_id.entry(id).or_insert(node);
            }
            if node.tag_name().name() == "style" {
                for text in node.children().filter_map(|child| child.text()) {
                    rules += text.matches(['{', ',']).count();
                    links.add_rules(text)?;
                }
            }
        }
        if elements * rules > MAX_MATCHES {
            return Err(RenderError::too_large("the SVG has too many style rules"));
        }
        Ok(links)
    }

    /// Notes the rules of a style sheet that refer to something.
    fn add_rules(&mut self, text: &'a str) -> Result<(), RenderError> {
        for rule in text.split('}') {
            let Some((selectors, body)) = rule.rsplit_once('{') else {
                continue;
            };
            let targets: Vec<&str> = targets(body).collect();
            if targets.is_empty() {
                continue;
            }
            for selector in selectors.split(',').map(str::trim) {
                let (kind, simple) = selector
                    .split_at_checked(1)
                    .filter(|(kind, _)| matches!(*kind, "." | "#"))
                    .unwrap_or(("", selector));
                let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
                if simple.is_empty() || !simple.chars().all(plain) {
                    return Err(RenderError::unsupported(
                        "the SVG's style sheet is too intricate",
                    ));
                }
                self.by_selector
                    .entry((kind, simple))
                    .or_default()
                    .extend(&targets);
            }
        }
        Ok(())
    }

    /// The elements in an element and those that it refers to, and how often each is drawn for it.
    fn of_node(
        &self,
        node: Node<'a, 'input>,
    ) -> impl Iterator<Item = (Node<'a, 'input>, u64)> + use<'_, 'a, 'input> {
        let children = node.children().filter(Node::is_element);
        // A marker is drawn at each point of a path.
        let points = node
            .attributes()
            .filter(|attribute| matches!(attribute.name(), "d" | "points"))
            .map(|attribute| attribute.value().len() as u64)
            .sum::<u64>();
        let referred = node.attributes().flat_map(|attribute| {
            let value = attribute.value();
            let link = match attribute.name() {
                "href" => value.trim().strip_prefix('#'),
                _ => None,
            };
            targets(value).chain(link)
        });
        let names = node.attributes().flat_map(|attribute| {
            let kind = match attribute.name() {
                "class" => ".",
                "id" => "#",
                _ => return None.into_iter().flatten(),
            };
            let names = attribute.value().split_whitespace();
            Some(names.map(move |name| (kind, name)))
                .into_iter()
                .flatten()
        });
        let names = names.chain([("", node.tag_name().name())]);
        let styled =
            names.flat_map(|name| self.by_selector.get(&name).into_iter().flatten().copied());
        let targets = referred
            .chain(styled)
            .filter_map(|id| self.by_id.get(id).copied())
            .map(move |target| match target.tag_name().name() {
                "marker" => (target, 1 + points / 2),
                _ => (target, 1),
            });
        children.map(|child| (child, 1)).chain(targets)
    }
}

/// The ids in `url(#...)`.
fn targets(value: &str) -> impl Iterator<Item = &str> {
    value.split("url(").skip(1).filter_map(|rest| {
        let rest = rest.trim_start().trim_start_matches(['"', '\'']);
        let end = rest.find(['"', '\'', ')'])?;
        rest.get(..end)?.trim().strip_prefix('#')
    })
}
