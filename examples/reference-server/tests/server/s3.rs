//! An S3-compatible server of these tests, and what may happen on the way to it.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tokio::runtime::Runtime;

/// The bucket of the configurations.
pub(crate) const BUCKET: &str = "photos";

const ACCESS_KEY: &str = "AKTEST";
const SECRET_KEY: &str = "a secret key of these tests";

/// A server over a folder. Its signatures are checked.
pub(crate) struct S3 {
    root: PathBuf,
    address: SocketAddr,
    /// `None`: it is down.
    runtime: Option<Runtime>,
}

impl S3 {
    /// Starts over `root`, with an empty bucket.
    pub(crate) fn start(root: &Path) -> Self {
        std::fs::create_dir_all(root.join(BUCKET)).unwrap();
        let mut s3 = Self {
            root: root.into(),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            runtime: None,
        };
        s3.restart();
        s3
    }

    /// Starts again where it was.
    pub(crate) fn restart(&mut self) {
        let listener = TcpListener::bind(self.address).unwrap();
        self.address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(&self.root).unwrap());
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = builder.build().into_shared();
        let runtime = Runtime::new().unwrap();
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let service = service.clone();
                tokio::spawn(async move {
                    let server = auto::Builder::new(TokioExecutor::new());
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        self.runtime = Some(runtime);
    }

    /// Cuts all connections, and answers nobody any more.
    pub(crate) fn kill(&mut self) {
        // With all its tasks.
        drop(self.runtime.take());
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Puts an object into the bucket.
    pub(crate) fn put(&self, key: &str, bytes: &[u8]) {
        let path = self.root.join(BUCKET).join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// The files of all objects whose keys begin so.
    pub(crate) fn objects(&self, prefix: &str) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.root.join(BUCKET).join(prefix)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.file_name().unwrap().to_str().unwrap().starts_with('.') {
                    files.push(path);
                }
            }
        }
        files
    }
}

/// What a program reads to reach a server at `address`.
pub(crate) fn reach(command: &mut Command, address: SocketAddr) -> &mut Command {
    command
        .env("AWS_ENDPOINT", format!("http://{address}"))
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_REGION", "us-east-1")
}

/// Between a client and a server: hands on so many bytes of an answer, on so many connections, and then does this.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    Cut,
    Stall,
}

/// Hands everything on to `server`, but for the fault.
pub(crate) fn faulty(server: SocketAddr, fault: Fault, after: usize, times: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let left = Arc::new(AtomicUsize::new(times));
    thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            let server = TcpStream::connect(server).unwrap();
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Both);
            });
            let left = Arc::clone(&left);
            thread::spawn(move || hand_on(server, client, fault, after, &left));
        }
    });
    address
}

fn hand_on(
    mut server: TcpStream,
    mut client: TcpStream,
    fault: Fault,
    after: usize,
    left: &AtomicUsize,
) {
    let mut passed = 0;
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = server.read(&mut piece) {
        passed += length;
        let take = |left: usize| left.checked_sub(1);
        if passed > after
            && left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
                .is_ok()
        {
            match fault {
                Fault::Cut => break,
                Fault::Stall => {
                    // Until the client goes.
                    let _ = client.read(&mut piece);
                    break;
                }
            }
        }
        if client.write_all(&piece[..length]).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}
