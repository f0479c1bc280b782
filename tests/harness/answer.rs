use std::fmt;

/// What a server answered over HTTP/1.1.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Answer {
    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The value of the first header of that name, in any case. `None` where there is none, or it is no UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        str::from_utf8(self.headers_named(name).next()?).ok()
    }

    /// The values of all headers of that name, in any case, as sent.
    pub fn headers_named(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// The code of a refusal that was worded by [`CodeInHeader`](crate::CodeInHeader).
    pub fn code(&self) -> Option<&str> {
        self.header("x-code")
    }

    /// The body, without its transfer encoding.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Reads what came over a connection that carried one answer. `None` where that is no whole answer.
    pub(crate) fn parse(received: &[u8], to_head: bool) -> Option<Self> {
        let (status_line, mut rest) = line(received)?;
        let status_line = str::from_utf8(status_line).ok()?;
        let status: u16 = status_line
            .strip_prefix("HTTP/1.1 ")?
            .get(..3)?
            .parse()
            .ok()?;
        let mut headers = Vec::new();
        loop {
            let (header, after) = line(rest)?;
            rest = after;
            if header.is_empty() {
                break;
            }
            let colon = header.iter().position(|&byte| byte == b':')?;
            let (name, value) = header.split_at(colon);
            let name = str::from_utf8(name).ok()?.to_owned();
            headers.push((name, value.get(1..)?.trim_ascii().to_vec()));
        }
        if (100..200).contains(&status) {
            return Self::parse(rest, to_head);
        }
        let mut answer = Self {
            status,
            headers,
            body: Vec::new(),
        };
        if !(to_head || status == 204 || status == 304) {
            answer.body = answer.decode(rest)?;
        }
        Some(answer)
    }

    fn decode(&self, rest: &[u8]) -> Option<Vec<u8>> {
        if self.header("transfer-encoding") == Some("chunked") {
            return decode_chunks(rest);
        }
        match self.header("content-length") {
            Some(length) => Some(rest.get(..length.parse().ok()?)?.to_vec()),
            None => Some(rest.to_vec()),
        }
    }
}

/// Splits at the first line break.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    Some((bytes.get(..end)?, bytes.get(end + 2..)?))
}

/// Decodes the chunked transfer encoding (RFC 9112, section 7.1). Trailers are dropped.
fn decode_chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let (size, after) = line(rest)?;
        let size = str::from_utf8(size).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let (chunk, after) = after.split_at_checked(size)?;
        body.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n")?;
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.status)?;
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (name, value.escape_ascii().to_string()));
        f.debug_map().entries(headers).finish()?;
        match self.body.get(..200) {
            None => write!(f, " {}", self.body.escape_ascii()),
            Some(start) => {
                let length = self.body.len();
                write!(f, " {}... ({length} bytes)", start.escape_ascii())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_read_whole_or_not_at_all() {
        let cases: [(&[u8], Option<&[u8]>); 8] = [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", Some(b"abc")),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", None),
            (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", Some(b"until the end")),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\na;x=y\r\n0123456789\r\n0\r\n\r\n",
                Some(b"abc0123456789"),
            ),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", None),
            (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", Some(b"")),
            (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", Some(b"")),
            (b"HTTP/1.1 200 OK\r\n", None),
        ];
        for (received, body) in cases {
            let answer = Answer::parse(received, false);
            assert_eq!(
                answer.as_ref().map(Answer::body),
                body,
                "{}",
                received.escape_ascii()
            );
        }
    }

    #[test]
    fn headers_are_kept_as_sent() {
        let received = b"HTTP/1.1 200 OK\r\nVary: Accept\r\nvary:  \xff \r\n\r\n";
        let answer = Answer::parse(received, true).unwrap();
        let vary: Vec<_> = answer.headers_named("VARY").collect();
        assert_eq!(vary, [b"Accept".as_slice(), b"\xff"]);
    }
}
