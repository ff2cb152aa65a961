//! The address of an engine: that of a Spark Connect server, written as Spark's own clients write it.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::locale::harmless;

/// The port if the address names none.
const USUAL_PORT: u16 = 15_002;

/// How long connecting to the server may take.
const CONNECT_WAIT: Duration = Duration::from_secs(10);

/// The address of a server, as in `sc://HOST:PORT/;use_ssl=true;user_id=ann`. It holds no secret: the token comes from
/// the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    /// Parameters of the connection as they were written, each as `name=value`.
    parameters: Vec<String>,
}

impl Address {
    /// Parses an address.
    ///
    /// # Errors
    /// When the text is no address, or holds a secret.
    pub fn parse(text: &str) -> Result<Self> {
        // The text may be a secret in the wrong place, so that no error repeats any of it.
        let wrong = || Error::usage_of("engine_address", &[]);
        let rest = text.strip_prefix("sc://").ok_or_else(wrong)?;
        let (authority, tail) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let parameters = match tail {
            "" | "/" | "/;" => Vec::new(),
            tail => {
                let listed = tail.strip_prefix("/;").ok_or_else(wrong)?;
                listed.split(';').filter(|one| !one.is_empty()).map(str::to_owned).collect()
            }
        };
        let is_secret = |one: &String| {
            let name = one.split('=').next().unwrap_or_default();
            ["token", "authorization"].contains(&name.trim().to_lowercase().as_str())
        };
        if parameters.iter().any(is_secret) || authority.contains('@') {
            return Err(Error::usage_of("engine_token_in_url", &[]));
        }
        if parameters.iter().any(|one| one.split('=').count() != 2) {
            return Err(wrong());
        }
        let (host, port) = host_and_port(authority).ok_or_else(wrong)?;
        Ok(Self { host, port, parameters })
    }

    /// The host and the port. Messages and manifests name the engine by them.
    pub fn name(&self) -> String {
        format!("sc://{}:{}", harmless(&self.host), self.port)
    }

    /// Whether a server accepts connections at the address.
    ///
    /// # Errors
    /// The system's error if it does not.
    pub fn reach(&self) -> std::io::Result<()> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
        for place in (host, self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&place, CONNECT_WAIT) {
                Ok(_) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Whether a token may be sent to this address: only over TLS, or to the same machine.
    pub fn keeps_secrets(&self) -> bool {
        let is_tls = |one: &String| one.eq_ignore_ascii_case("use_ssl=true");
        self.parameters.iter().any(is_tls)
            || ["localhost", "127.0.0.1", "[::1]"].contains(&self.host.to_lowercase().as_str())
    }

    /// The address as Spark's client needs it, with the token if there is one. It must not be shown to anybody.
    #[cfg(feature = "spark")]
    pub(super) fn with_token(&self, token: Option<&str>) -> String {
        let mut text = format!("sc://{}:{}/", self.host, self.port);
        let has_agent = self.parameters.iter().any(|one| one.starts_with("user_agent="));
        let agent = (!has_agent).then(|| "user_agent=ecrm".to_owned());
        let token = token.map(|token| format!("token={}", escaped(token)));
        for one in self.parameters.iter().cloned().chain(agent).chain(token) {
            text.push(';');
            text.push_str(&one);
        }
        text
    }
}

/// Splits `host`, `host:port`, `[::1]` or `[::1]:port` into host and port; none for anything else.
fn host_and_port(authority: &str) -> Option<(String, u16)> {
    let (host, port) = match authority.rfind(']') {
        Some(end) => (&authority[..=end], authority[end + 1..].strip_prefix(':')),
        None => match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port = port.map_or(Some(USUAL_PORT), |port| port.parse().ok())?;
    // Colons are only allowed in an IP address in brackets. Spark's client repeats everything else in the host with
    // each request.
    let number = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let (name, others) = number.map_or((host, "-_."), |number| (number, ":.%"));
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || others.contains(c));
    is_name.then(|| (host.to_owned(), port))
}

/// The text percent-encoded for a parameter.
#[cfg(feature = "spark")]
fn escaped(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Lang;

    #[test]
    fn an_address_names_a_machine_and_a_port() {
        for (text, name) in [
            ("sc://localhost", "sc://localhost:15002"),
            ("sc://localhost:443/;use_ssl=true", "sc://localhost:443"),
            ("sc://[::1]:7/", "sc://[::1]:7"),
            ("sc://spark.example.com/;user_id=ann;x-cluster=a-1", "sc://spark.example.com:15002"),
        ] {
            assert_eq!(Address::parse(text).expect(text).name(), name);
        }
        for text in [
            "http://a",
            "sc://",
            "sc://:15002",
            "sc://a:b",
            "sc://a/tables",
            "sc://a/;x",
            "sc://a b",
            "sc://[a",
            "sc://a]",
            "sc://[[::1]]",
            "sc://a%b",
        ] {
            assert!(matches!(Address::parse(text), Err(Error::Usage { .. })), "{text}");
        }
    }

    #[test]
    fn a_secret_is_refused_and_not_repeated() {
        for text in ["sc://a/;token=S3CRET", "sc://a/;Authorization=S3CRET=", "sc://ann:S3CRET@a"] {
            let error = Address::parse(text).expect_err(text);
            for lang in [Lang::En, Lang::Zh] {
                let (message, hint) = error.said(lang);
                let hint = hint.expect("a hint");
                assert!(!message.contains("S3CRET") && !hint.contains("S3CRET"), "{message} {hint}");
                assert!(hint.contains("ECRM_ENGINE_TOKEN"), "{hint}");
            }
        }
    }

    #[test]
    fn a_token_goes_where_nobody_listens() {
        for (text, keeps) in [
            ("sc://localhost", true),
            ("sc://a/;use_ssl=true", true),
            ("sc://a", false),
            ("sc://a/;use_ssl=false", false),
        ] {
            assert_eq!(Address::parse(text).expect(text).keeps_secrets(), keeps, "{text}");
        }
    }

    #[cfg(feature = "spark")]
    #[test]
    fn a_token_is_written_so_that_it_ends_where_it_ends() {
        let address = Address::parse("sc://a/;use_ssl=true").expect("an address");
        let text = address.with_token(Some("a;b=c d"));
        assert_eq!(text, "sc://a:15002/;use_ssl=true;user_agent=ecrm;token=a%3Bb%3Dc%20d");
    }
}
