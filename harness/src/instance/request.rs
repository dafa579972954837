//! What kind of server a run asks for.

use std::str::FromStr;
use std::time::Duration;

use crate::Error;

/// Where a server comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provider {
    /// Installed binaries of a wanted major version, else the Docker engine.
    Auto,
    /// Installed binaries.
    Local,
    /// A container of the image `postgres:N`.
    Docker,
    /// A server that exists, named by a `postgres://` URL.
    Url(String),
}

impl FromStr for Provider {
    type Err = Error;

    /// Reads `auto`, `local` or `docker`; a URL has an option of its own.
    ///
    /// # Errors
    /// [`Error::Usage`] for every other word.
    fn from_str(word: &str) -> Result<Self, Error> {
        match word {
            "auto" => Ok(Self::Auto),
            "local" => Ok(Self::Local),
            "docker" => Ok(Self::Docker),
            _ => Err(Error::usage(
                format!("there is no provider `{}`", crate::text::printable(word)),
                "say auto, local or docker; for a server that exists, give its address with --url",
            )),
        }
    }
}

/// What a run asks of its server.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where the server comes from.
    pub provider: Provider,
    /// The only acceptable major version, where the command line names one.
    pub major: Option<u32>,
    /// Acceptable major versions in order of preference, the first that is here wins; empty accepts any.
    pub majors: Vec<u32>,
    /// Whether a URL may name a host that is not this one.
    pub allow_remote: bool,
    /// Whether roles may be created on a server that a URL names.
    pub create_roles: bool,
    /// How long a server may take until it accepts connections.
    pub start_timeout: Duration,
    /// Whether cached data directories are used and written.
    pub cache: bool,
    /// Whether the state after chain and seed is among them. Where nobody will want that state again, keeping it takes longer
    /// than it saves, and others go for it.
    pub keep_state: bool,
}

impl Request {
    /// The acceptable major versions in order of preference; empty accepts any.
    #[must_use]
    pub fn wanted(&self) -> Vec<u32> {
        self.major.map_or_else(|| self.majors.clone(), |major| vec![major])
    }

    /// The wanted versions as a message names them.
    pub(super) fn wanted_text(&self) -> String {
        let wanted = self.wanted();
        if wanted.is_empty() {
            return "PostgreSQL of any version".to_owned();
        }
        let list: Vec<String> = wanted.iter().map(u32::to_string).collect();
        format!("PostgreSQL {}", list.join(" or "))
    }
}

impl Default for Request {
    /// Any version from anywhere, with the cache, in half a minute.
    fn default() -> Self {
        Self {
            provider: Provider::Auto,
            major: None,
            majors: Vec::new(),
            allow_remote: false,
            create_roles: false,
            start_timeout: Duration::from_secs(30),
            cache: true,
            keep_state: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Provider, Request};

    #[test]
    fn provider_words_are_read_and_others_refused() {
        assert_eq!("docker".parse::<Provider>().unwrap(), Provider::Docker);
        let error = "podman\u{1b}".parse::<Provider>().unwrap_err();
        assert_eq!(error.to_string(), "there is no provider `podman?`");
        assert_eq!(error.exit(), crate::exit::Exit::Input);
    }

    #[test]
    fn one_major_on_the_command_line_outranks_the_list() {
        let request = Request { major: Some(16), majors: vec![17, 15], ..Request::default() };
        assert_eq!(request.wanted(), [16]);
        assert_eq!(request.wanted_text(), "PostgreSQL 16");
    }
}
