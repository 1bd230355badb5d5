use std::str::FromStr;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) connection: usize,
    /// The request line as it arrived: method, target and version.
    pub(crate) line: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Heard {
    /// Removes the first complete request from the bytes that have arrived on a connection.
    pub(crate) fn take(buffer: &mut Vec<u8>, connection: usize) -> Option<Self> {
        const END: &[u8] = b"\r\n\r\n";
        let head = buffer.windows(END.len()).position(|four| four == END)?;
        let text = String::from_utf8_lossy(buffer.get(..head)?).into_owned();
        let mut lines = text.split("\r\n").map(str::to_owned);
        let line = lines.next()?;
        let headers: Vec<_> = lines.filter_map(|line| header(&line)).collect();
        let length = headers
            .iter()
            .find(|(name, _)| name == "content-length")
            .and_then(|(_, value)| usize::from_str(value).ok());
        let start = head + END.len();
        let end = start.checked_add(length.unwrap_or(0))?;
        let body = buffer.get(start..end)?.to_vec();
        buffer.drain(..end);
        Some(Self {
            connection,
            line,
            headers,
            body,
        })
    }

    /// The value of a header that occurs exactly once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value)
    }
}

fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.to_ascii_lowercase(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_whole_requests_one_after_the_other() {
        let first = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
        let mut buffer = first[..first.len() - 1].to_vec();
        assert!(Heard::take(&mut buffer, 3).is_none());
        buffer.extend(b"}GET /b HTTP/1.1\r\n\r\n");
        let heard = Heard::take(&mut buffer, 3).expect("a request");
        assert_eq!(heard.line, "POST /a HTTP/1.1");
        assert_eq!(heard.header("host"), Some("x"));
        assert_eq!((heard.body.as_slice(), heard.connection), (&b"{}"[..], 3));
        let heard = Heard::take(&mut buffer, 3).expect("another");
        assert_eq!(heard.line, "GET /b HTTP/1.1");
        assert!(buffer.is_empty() && heard.header("host").is_none());
    }
}
