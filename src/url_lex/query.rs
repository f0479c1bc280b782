//! Queries as sent: pairs between ampersands, never decoded and never sorted.

/// The value of the parameter `name`, as sent: empty where the name stands alone.
pub(crate) fn value<'a>(query: &'a str, name: &str) -> Result<Option<&'a str>, Repeated> {
    let mut values = query
        .split('&')
        .map(name_and_value)
        .filter(|&(candidate, _)| candidate == name)
        .map(|(_, value)| value);
    let first = values.next();
    match values.next() {
        Some(_) => Err(Repeated),
        None => Ok(first),
    }
}

/// A parameter that may be there once is there several times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeated;

/// The query without the parameters of these names, in pieces: pairs, with the ampersands between them.
pub(crate) fn without<'a>(
    query: &'a str,
    names: &'static [&'static str],
) -> impl Iterator<Item = &'a str> {
    query
        .split('&')
        .filter(|pair| !names.contains(&name_and_value(pair).0))
        .enumerate()
        .flat_map(|(position, pair)| [if position == 0 { "" } else { "&" }, pair])
        .filter(|piece| !piece.is_empty())
}

fn name_and_value(pair: &str) -> (&str, &str) {
    pair.split_once('=').unwrap_or((pair, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_read_once_and_as_sent() {
        let cases = [
            ("", Ok(None)),
            ("a=1", Ok(None)),
            ("sig=x", Ok(Some("x"))),
            ("a=1&sig=x%3D=&b", Ok(Some("x%3D="))),
            ("sig", Ok(Some(""))),
            ("sig=", Ok(Some(""))),
            ("SIG=x&%73ig=x&sigs=x&a;sig=x", Ok(None)),
            ("sig=x&sig=x", Err(Repeated)),
            ("sig&a&sig", Err(Repeated)),
        ];
        for (query, expected) in cases {
            assert_eq!(value(query, "sig"), expected, "{query:?}");
        }
    }

    #[test]
    fn removing_parameters_leaves_the_others_as_sent() {
        let cases = [
            ("", ""),
            ("sig=x", ""),
            ("&sig=x", ""),
            ("a=1&sig=x", "a=1"),
            ("sig=x&a=1", "a=1"),
            ("a=1&sig=x&b=%20+&exp=1", "a=1&b=%20+"),
            ("b&a==&&a=", "b&a==&&a="),
            ("a=1&sig=x&", "a=1&"),
        ];
        for (query, expected) in cases {
            let left: String = without(query, &["sig", "exp"]).collect();
            assert_eq!(left, expected, "{query:?}");
        }
    }
}
