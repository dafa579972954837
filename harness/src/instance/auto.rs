//! Taking what is there: installed binaries, else the Docker engine, else one message that names every way.

use super::account::Account;
use super::binaries::{Binaries, FoundBinaries, find};
use super::request::{Provider, Request};
use crate::Error;

/// Where the server will come from.
#[derive(Debug)]
pub(super) enum Choice {
    Local(Binaries),
    Docker,
    Url(String),
}

/// Begins to look for what is installed, while its caller reads files.
pub fn look_ahead(request: &Request) {
    if matches!(request.provider, Provider::Local | Provider::Auto) {
        // Without a thread it is looked for later.
        drop(std::thread::Builder::new().spawn(super::binaries::installed));
    }
}

/// Decides, by what the request allows and what is installed.
pub(super) async fn choose(request: &Request) -> Result<Choice, Error> {
    match &request.provider {
        Provider::Url(url) => Ok(Choice::Url(url.clone())),
        Provider::Docker => docker_lacks().await.map_or(Ok(Choice::Docker), |lack| {
            Err(Error::environment(
                format!("no server from Docker: {lack}"),
                "start the Docker engine, or use --provider local",
            ))
        }),
        Provider::Local => {
            let lack = match look(request).await? {
                Ok(binaries) => return Ok(Choice::Local(binaries)),
                Err(lack) => lack,
            };
            Err(Error::environment(format!("no local server: {lack}"), install(request)))
        }
        Provider::Auto => {
            let local = match look(request).await? {
                Ok(binaries) => return Ok(Choice::Local(binaries)),
                Err(lack) => lack,
            };
            let Some(docker) = docker_lacks().await else { return Ok(Choice::Docker) };
            Err(Error::environment(
                format!(
                    "there is no server to test on\n  installed: {local}\n  Docker: {docker}\n  a server that exists: none was named with --url"
                ),
                install(request),
            ))
        }
    }
}

/// The installed programs that a server of `request` will be of; `None` where it will come from elsewhere, or not at all.
pub(super) async fn installed_for(request: &Request) -> Option<Binaries> {
    if !matches!(request.provider, Provider::Local | Provider::Auto) {
        return None;
    }
    look(request).await.ok()?.ok()
}

/// The installed binaries to use, or what is lacking.
async fn look(request: &Request) -> Result<Result<Binaries, String>, Error> {
    let wanted = request.clone();
    let found = tokio::task::spawn_blocking(move || find(&wanted)).await.map_err(Error::interrupted)?;
    Ok(match found {
        FoundBinaries::Wanted(binaries) => Account::of_server().map(|_| binaries).map_err(|error| error.to_string()),
        FoundBinaries::Others(others) => {
            let mut lack =
                format!("{} was not found by pg_config, on PATH or in the usual folders", request.wanted_text());
            if !others.is_empty() {
                let list: Vec<String> =
                    others.iter().map(|other| format!("{} in {}", other.version, other.folder.display())).collect();
                lack = format!("{lack}; there is {}", list.join(", "));
            }
            Err(lack)
        }
    })
}

/// What is missing for a container; `None` where the engine answers.
async fn docker_lacks() -> Option<String> {
    #[cfg(feature = "docker")]
    return super::docker::unreachable().await;
    #[cfg(not(feature = "docker"))]
    return Some("this program was built without the feature `docker`".to_owned());
}

/// The command that installs a server here.
fn install(request: &Request) -> String {
    let major = request.wanted().first().copied();
    let suffix = |dash: &str| major.map_or_else(String::new, |major| format!("{dash}{major}"));
    let commands = [
        ("apt-get", format!("apt-get install postgresql{}", suffix("-"))),
        ("dnf", "dnf install postgresql-server postgresql-contrib".to_owned()),
        ("brew", format!("brew install postgresql{}", suffix("@"))),
    ];
    let on_path = |program: &str| {
        std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
    };
    let command = commands.into_iter().find(|(program, _)| on_path(program)).map(|(_, command)| command);
    command.map_or_else(
        || format!("install {}, start the Docker engine, or name a server with --url", request.wanted_text()),
        |command| format!("install it with `{command}`, start the Docker engine, or name a server with --url"),
    )
}
