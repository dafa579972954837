//! A server in a container of the image `postgres:N`, removed by us, by a watchdog, or by the next sweep.

use std::fmt;
use std::io::Write as _;
use std::mem::ManuallyDrop;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, Row as _};
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error as EngineError;
use testcontainers::bollard::models::PortBinding;
use testcontainers::bollard::query_parameters::{ListContainersOptionsBuilder, RemoveContainerOptionsBuilder};
use testcontainers::core::{IntoContainerPort as _, Mount};
use testcontainers::runners::AsyncRunner as _;
use testcontainers::{ContainerAsync, ContainerRequest, ImageExt as _};
use testcontainers_modules::postgres::Postgres;

use super::account::Account;
use super::home::{Home, Record};
use super::request::Request;
use super::{host, random, settings};
use crate::Error;
use crate::text::printable;

/// The image's name; the tag is the major version.
const IMAGE: &str = "postgres";
/// The version taken where any will do.
const DEFAULT_MAJOR: u32 = 17;
const PORT: u16 = 5432;
/// Outside of the image's volume, whose place differs between versions; in memory.
const DATA: &str = "/rlsgate";
const HBA_PATH: &str = "/etc/rlsgate_pg_hba.conf";
/// Only the superuser has a password; the roles of a chain are connected as without one.
const HBA: &str = "local all all trust\nhost all rlsgate all scram-sha-256\nhost all all all trust\n";
/// Before PostgreSQL 14 the superuser's password would be kept as MD5, which the line above does not take.
const SCRAM: &str = "--auth-host=scram-sha-256";

/// How long the engine may still be busy creating what nobody waits for any more.
const SETTLING: Duration = Duration::from_millis(500);

/// Reads one line: at the end of a run that removed its container; the pipe's end without one means that we died.
const SCRIPT: &str = r#"trap '' INT TERM HUP; read -r line || exec docker rm --force --volumes "$1""#;

/// A running container. Dropping it removes it.
pub(super) struct Container {
    // Never dropped: its own destructor needs a runtime, and what it does is done by the guard.
    inner: ManuallyDrop<ContainerAsync<Postgres>>,
    options: PgConnectOptions,
    guard: ContainerGuard,
    pub(super) version: String,
    pub(super) major: u32,
}

impl Container {
    /// Starts a container of the first wanted version whose image is here, else of the first that can be pulled.
    pub(super) async fn start(request: &Request) -> Result<Self, Error> {
        let major = choose_major(request).await?;
        remove_forgotten().await?;
        let mut guard = ContainerGuard::new()?;
        let password = random::token(16)?;
        let asked = describe(major, &password, &guard, request.start_timeout);
        // Pulling has no limit: the network's speed is not the server's.
        let asked = match engine()?.inspect_image(&format!("{IMAGE}:{major}")).await {
            Ok(_) => asked,
            Err(_) => {
                tracing::info!(image = IMAGE, tag = major, "pulling an image");
                asked.pull_image().await.map_err(|error| {
                    Error::environment(
                        format!(
                            "the image {IMAGE}:{major} is not here and cannot be pulled: {}",
                            printable(&error.to_string())
                        ),
                        format!("get it with `docker pull {IMAGE}:{major}`, or use --provider local"),
                    )
                })?
            }
        };
        let started = asked.start().await.map_err(|error| {
            Error::environment(
                format!("cannot start a container of {IMAGE}:{major}: {}", printable(&error.to_string())),
                "check the Docker engine, or use --provider local",
            )
        })?;
        let inner = ManuallyDrop::new(started);
        guard.created = true;
        let (options, version) = connect(&inner, &password, request.start_timeout).await?;
        Ok(Self { inner, options, guard, version, major })
    }

    pub(super) fn connect_options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    pub(super) async fn is_alive(&self) -> bool {
        self.inner.is_running().await.unwrap_or(false)
    }

    pub(super) async fn log_tail(&self) -> String {
        log_of(&self.inner).await
    }

    pub(super) async fn stop(mut self: Box<Self>) -> Result<(), Error> {
        self.guard.remove().await
    }
}

impl fmt::Debug for Container {
    /// Without the password that the options hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Container")
            .field("name", &self.guard.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// The container's request: the image's own start, our settings, nothing reachable from other machines.
fn describe(major: u32, password: &str, guard: &ContainerGuard, limit: Duration) -> ContainerRequest<Postgres> {
    let mut command = vec!["postgres".to_owned()];
    command.extend(settings::arguments());
    command.extend(["-c".to_owned(), format!("hba_file={HBA_PATH}")]);
    // An engine elsewhere (a service container of CI) publishes on its own host; one that is here on loopback only.
    let elsewhere = engine_address().is_some_and(|address| !address.starts_with("unix://"));
    let bind = if elsewhere { None } else { Some("127.0.0.1".to_owned()) };
    Postgres::default()
        .with_user(settings::SUPERUSER)
        .with_password(password)
        .with_db_name(settings::MAINTENANCE_DATABASE)
        .with_tag(major.to_string())
        .with_env_var("POSTGRES_INITDB_ARGS", format!("{} {SCRAM}", settings::INITDB.join(" ")))
        .with_env_var("PGDATA", format!("{DATA}/data"))
        .with_env_var("TZ", "UTC")
        .with_mount(Mount::tmpfs_mount(DATA))
        .with_copy_to(HBA_PATH, HBA.as_bytes().to_vec())
        .with_cmd(command)
        .with_container_name(&guard.name)
        .with_label("rlsgate.host", host::id())
        .with_label("rlsgate.owner", nix::unistd::geteuid().to_string())
        .with_label("rlsgate.lock", guard.home.lock_path().to_string_lossy())
        .with_mapped_port(0, PORT.tcp())
        .with_host_config_modifier(move |config| {
            let binding = PortBinding { host_ip: bind.clone(), host_port: Some(String::new()) };
            config.port_bindings = Some([(format!("{PORT}/tcp"), Some(vec![binding]))].into());
        })
        // Whether it is ready is asked by connecting, which needs no words of a log.
        .with_ready_conditions(Vec::new())
        .with_startup_timeout(limit)
}

/// Connects as the superuser until that works; how, and the server's version.
async fn connect(
    container: &ContainerAsync<Postgres>,
    password: &str,
    limit: Duration,
) -> Result<(PgConnectOptions, String), Error> {
    let base = PgConnectOptions::new_without_pgpass().password(password).ssl_mode(PgSslMode::Disable);
    let mut places = Vec::new();
    if let (Ok(host), Ok(port)) = (container.get_host().await, container.get_host_port_ipv4(PORT).await) {
        places.push(base.clone().host(&host.to_string()).port(port));
    }
    // From within a container the engine's loopback is out of reach, its bridge is not.
    if let Ok(address) = container.get_bridge_ip_address().await {
        places.push(base.host(&address.to_string()).port(PORT));
    }
    tracing::debug!("waiting until the server takes connections");
    let deadline = Instant::now() + limit;
    let mut last = "it publishes no port".to_owned();
    while Instant::now() < deadline && container.is_running().await.unwrap_or(false) {
        for place in &places {
            match ask_version(place).await {
                Ok(version) => return Ok((place.clone(), version)),
                Err(error) => last = printable(&error).into_owned(),
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let state = if container.is_running().await.unwrap_or(false) { "did not accept connections" } else { "ended" };
    Err(Error::environment(
        format!(
            "the server in the container {state} within {:.1} s ({last}); its log ends with:\n{}",
            limit.as_secs_f64(),
            log_of(container).await
        ),
        "see the log above, or use --provider local",
    ))
}

async fn ask_version(place: &PgConnectOptions) -> Result<String, String> {
    let options = place
        .clone()
        .username(settings::SUPERUSER)
        .database(settings::MAINTENANCE_DATABASE)
        .disable_statement_logging();
    let attempt = async {
        let mut connection = PgConnection::connect_with(&options).await?;
        let version: String = connection.fetch_one("SELECT current_setting('server_version')").await?.try_get(0)?;
        connection.close().await?;
        Ok::<_, sqlx::Error>(version)
    };
    match tokio::time::timeout(Duration::from_secs(2), attempt).await {
        Ok(Ok(version)) => Ok(version.split_whitespace().next().unwrap_or_default().to_owned()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer".to_owned()),
    }
}

async fn log_of(container: &ContainerAsync<Postgres>) -> String {
    let mut log = container.stdout_to_vec().await.unwrap_or_default();
    log.extend(container.stderr_to_vec().await.unwrap_or_default());
    super::log::tail(&String::from_utf8_lossy(&log))
}

async fn choose_major(request: &Request) -> Result<u32, Error> {
    let engine = engine()?;
    let wanted = request.wanted();
    for major in &wanted {
        if engine.inspect_image(&format!("{IMAGE}:{major}")).await.is_ok() {
            return Ok(*major);
        }
    }
    Ok(wanted.first().copied().unwrap_or(DEFAULT_MAJOR))
}

/// Why the engine cannot be used; `None` where it answers.
pub(super) async fn unreachable() -> Option<String> {
    let engine = match engine() {
        Ok(engine) => engine,
        Err(error) => return Some(error.to_string()),
    };
    match tokio::time::timeout(Duration::from_secs(5), engine.ping()).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(format!("the engine does not answer: {}", printable(&error.to_string()))),
        Err(_) => Some("the engine does not answer".to_owned()),
    }
}

/// Removes the container of that name with its volumes, if it is there.
pub(super) async fn remove(name: &str) -> Result<(), Error> {
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match engine()?.remove_container(name, Some(options.clone())).await {
            Ok(()) | Err(EngineError::DockerResponseServerError { status_code: 404, .. }) => return Ok(()),
            // Somebody else is removing it: it must be gone before we say so.
            Err(EngineError::DockerResponseServerError { status_code: 409, .. }) if Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => {
                return Err(Error::environment(
                    format!("cannot remove the container {name}: {}", printable(&error.to_string())),
                    format!("remove it with `docker rm --force --volumes {name}`"),
                ));
            }
        }
    }
}

/// Removes containers of this host and user whose run's folder is gone: the engine finished creating them
/// when the run had been killed and swept.
async fn remove_forgotten() -> Result<(), Error> {
    let owner = nix::unistd::geteuid();
    let labels = vec![format!("rlsgate.host={}", host::id()), format!("rlsgate.owner={owner}")];
    let options = ListContainersOptionsBuilder::new().all(true).filters(&[("label", labels)].into()).build();
    let listed = engine()?.list_containers(Some(options)).await.map_err(|error| {
        Error::environment(
            format!("cannot list containers: {}", printable(&error.to_string())),
            "check the Docker engine, or use --provider local",
        )
    })?;
    for container in listed {
        let lock = container.labels.as_ref().and_then(|labels| labels.get("rlsgate.lock"));
        if let (Some(lock), Some(id)) = (lock, &container.id)
            && !Path::new(lock).exists()
        {
            remove(id).await?;
        }
    }
    Ok(())
}

fn engine() -> Result<Docker, Error> {
    let connected =
        engine_address().map_or_else(Docker::connect_with_defaults, |address| Docker::connect_with_host(&address));
    connected.map_err(|error| {
        Error::environment(format!("no Docker engine: {}", printable(&error.to_string())), "start the Docker engine")
    })
}

/// The address that the container client uses as well: DOCKER_HOST, else the first socket that is there.
fn engine_address() -> Option<String> {
    if let Ok(address) = std::env::var("DOCKER_HOST") {
        return Some(address);
    }
    let below = |variable: &str, path: &str| std::env::var_os(variable).map(|folder| PathBuf::from(folder).join(path));
    [
        Some(PathBuf::from("/var/run/docker.sock")),
        below("XDG_RUNTIME_DIR", ".docker/run/docker.sock"),
        below("HOME", ".docker/run/docker.sock"),
        below("HOME", ".docker/desktop/docker.sock"),
    ]
    .into_iter()
    .flatten()
    .find(|path| path.exists())
    .map(|path| format!("unix://{}", path.display()))
}

/// What sees to it that the container goes: by name, so that it holds from before the container exists.
struct ContainerGuard {
    name: String,
    home: Home,
    /// Absent where no shell can be started; then the next sweep is what is left.
    watchdog: Option<Child>,
    armed: bool,
    /// Whether the engine has come to the end of creating it.
    created: bool,
}

impl ContainerGuard {
    fn new() -> Result<Self, Error> {
        let account = Account::of_user();
        let home = Home::create(&account)?;
        let name = home.name();
        home.record(&Record { data: None, container: Some(name.clone()) })?;
        tracing::debug!(program = "/bin/sh", folder = %home.run().display(), "running a program");
        let watchdog = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "rlsgate-watchdog", &name])
            .current_dir(home.run())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Ok(Self { name, home, watchdog: watchdog.ok(), armed: true, created: false })
    }

    async fn remove(&mut self) -> Result<(), Error> {
        let mut removed = remove(&self.name).await;
        if !self.created {
            // The engine puts back what is removed while it creates it.
            tokio::time::sleep(SETTLING).await;
            removed = removed.and(remove(&self.name).await);
        }
        self.armed = false;
        match &removed {
            Ok(()) => self.dismiss(),
            Err(_) => self.home.leave(),
        }
        removed
    }

    /// Lets the watchdog go without doing anything.
    fn dismiss(&mut self) {
        if let Some(mut watchdog) = self.watchdog.take() {
            let told = watchdog.stdin.take().map(|mut pipe| pipe.write_all(b"\n"));
            if told.is_some_and(|told| told.is_ok()) {
                let _ = watchdog.wait();
            }
        }
    }
}

impl Drop for ContainerGuard {
    /// On a runtime of its own: the one that we are dropped in may be ending.
    fn drop(&mut self) {
        if !self.armed {
            return;
        }
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                // There is nobody left to tell; what is left is the watchdog's, or the next sweep's.
                let _ = runtime.map(|runtime| runtime.block_on(self.remove()));
            });
        });
    }
}
