//! An object store that speaks S3: SeaweedFS.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use opendal::{HttpTransport, HttpTransporter, OperationContext, Operator, services};
use opendal_http_transport_reqwest::ReqwestTransport;
use session_runtime::ObjectStore;
use tempfile::TempDir;
use tokio::sync::Mutex;

use super::{signal, stop};
use crate::folder;

/// How long it may take to start. Alone as it is, after a restart it elects itself its leader only after half a minute at times.
const START: Duration = Duration::from_secs(90);

/// The file, in its folder, with what a server says.
const LOG: &str = "log";

/// Who may do everything in it.
const USERS: &str = r#"{"identities": [{
    "name": "tests", "credentials": [{"accessKey": "tests", "secretKey": "secret"}], "actions": ["Admin"]
}]}"#;

/// What listens, each on a port for HTTP and one for gRPC.
const LISTENERS: [&str; 4] = ["master.port", "volume.port", "filer.port", "s3.port"];

/// The server that tests share which need nothing of their own but a folder, for as long as there is one of them.
static SHARED: Mutex<Weak<S3Server>> = Mutex::const_new(Weak::new());

/// An object store of its own. Ends when it is dropped.
#[derive(Debug)]
pub struct S3Server {
    process: Child,
    ports: Vec<u16>,
    dir: TempDir,
}

impl S3Server {
    /// One that is shared with the other tests of this process.
    pub async fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().await;
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::start().await);
        *shared = Arc::downgrade(&server);
        server
    }

    /// Starts one.
    pub async fn start() -> Self {
        let dir = folder();
        std::fs::write(dir.path().join("users.json"), USERS).unwrap();
        let ports = free_ports(2 * LISTENERS.len());
        let mut server = Self { process: run(&ports, dir.path()), ports, dir };
        server.answers().await;
        server
    }

    /// A store in this folder of it. Patient: many tests ask the server at the same time.
    pub async fn store(&self, folder: &str) -> ObjectStore {
        ObjectStore::from_operator(self.operator(folder)).await.unwrap().with_timeout(Duration::from_secs(30))
    }

    /// The same, as the program of a test may have it.
    pub fn operator(&self, folder: &str) -> Operator {
        self.operator_for("secret", folder)
    }

    /// The same, for whoever says that this is the secret key.
    pub fn operator_for(&self, secret: &str, folder: &str) -> Operator {
        self.operator_over(client(), secret, folder)
    }

    /// The same, by way of a client that may have faults.
    pub fn operator_over(&self, transport: impl HttpTransport, secret: &str, folder: &str) -> Operator {
        let service = services::S3::default()
            .endpoint(&format!("http://127.0.0.1:{}", self.ports[self.ports.len() - 2]))
            .bucket("sessions")
            .region("us-east-1")
            .access_key_id("tests")
            .secret_access_key(secret)
            .root(folder)
            .disable_config_load()
            .disable_ec2_metadata();
        let context = OperationContext::default().with_http_transport(HttpTransporter::new(transport));
        Operator::new(service).unwrap().with_context(context)
    }

    /// Ends it at once, as a power failure would (`kill -9`).
    pub fn kill(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Starts it again, with what it has on disk.
    pub async fn restart(&mut self) {
        self.kill();
        self.process = run(&self.ports, self.dir.path());
        self.answers().await;
    }

    /// Stops it in the middle of whatever it does, with its connections open.
    pub fn freeze(&self) {
        stop(&[self.process.id()]);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        signal("-CONT", &[self.process.id()]);
    }

    /// Waits until it does.
    async fn answers(&mut self) {
        let started = Instant::now();
        while self.operator("started").write("object", "1").await.is_err() {
            let log = || std::fs::read_to_string(self.dir.path().join(LOG)).unwrap();
            assert!(started.elapsed() < START, "the object store does not start: {}", log());
            assert!(self.process.try_wait().unwrap().is_none(), "the object store has ended: {}", log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A client of its own: connections don't outlive the test that made them.
pub fn client() -> ReqwestTransport {
    ReqwestTransport::new(reqwest::Client::new())
}

fn run(ports: &[u16], dir: &Path) -> Child {
    let listeners = LISTENERS.iter().zip(ports.chunks(2));
    let ports =
        listeners.flat_map(|(name, ports)| [format!("-{name}={}", ports[0]), format!("-{name}.grpc={}", ports[1])]);
    let log = File::options().append(true).create(true).open(dir.join(LOG)).unwrap();
    let socket = |name| format!("-{name}.localSocket={}", dir.join(name).display());
    Command::new(env!("WEED"))
        .args(["server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", "-volume.max=5"])
        .args(["-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-s3.port.iceberg=0", "-s3.port.lance=0"])
        .args([format!("-dir={}", dir.display()), format!("-s3.config={}", dir.join("users.json").display())])
        .args([socket("filer"), socket("s3")])
        .args(ports)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// As many ports that were free a moment ago, all different.
fn free_ports(count: usize) -> Vec<u16> {
    let listeners: Vec<_> = (0..count).map(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap()).collect();
    listeners.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}
