use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::health_client::HealthClient;

use crate::Answer;

/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that sends what it is told to, byte for byte, and a new connection for every request.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    server: SocketAddr,
}

impl Client {
    /// A client of the server at that address.
    pub fn new(server: SocketAddr) -> Self {
        Self { server }
    }

    /// A GET request.
    pub fn get(&self, target: impl AsRef<[u8]>) -> ClientRequest {
        self.request("GET", target)
    }

    /// A request over HTTP/1.1. The target is sent as it is, whatever it holds.
    pub fn request(&self, method: &str, target: impl AsRef<[u8]>) -> ClientRequest {
        let mut head = method.as_bytes().to_vec();
        head.push(b' ');
        head.extend_from_slice(target.as_ref());
        head.extend_from_slice(b" HTTP/1.1\r\n");
        let request = ClientRequest {
            server: self.server,
            is_head: method == "HEAD",
            head,
        };
        request.header("Connection", "close")
    }

    /// Connects to the gRPC health service of the server, over HTTP/2.
    ///
    /// # Errors
    ///
    /// That of the connection.
    pub async fn health(&self) -> Result<HealthClient<Channel>, tonic::transport::Error> {
        let channel = Endpoint::from_shared(format!("http://{}", self.server))?;
        Ok(HealthClient::new(channel.connect().await?))
    }
}

/// A request that is being written.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct ClientRequest {
    server: SocketAddr,
    is_head: bool,
    head: Vec<u8>,
}

impl ClientRequest {
    /// Adds a header line as it is, whatever it holds. A `Host` goes first where none is added.
    pub fn header(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.head.extend_from_slice(name.as_ref());
        self.head.extend_from_slice(b": ");
        self.head.extend_from_slice(value.as_ref());
        self.head.extend_from_slice(b"\r\n");
        self
    }

    /// Sends the request, and waits for the answer.
    ///
    /// # Errors
    ///
    /// That of the connection, or [`io::ErrorKind::InvalidData`] where what came back is no whole answer.
    pub fn send(self) -> io::Result<Answer> {
        let host = format!("{}", self.server);
        let request = self.header("Host", host);
        let mut stream = TcpStream::connect(request.server)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        // A server may answer and close before it has read everything.
        let written = stream
            .write_all(&request.head)
            .and_then(|()| stream.write_all(b"\r\n"));
        let mut received = Vec::new();
        let read = stream.read_to_end(&mut received);
        match Answer::parse(&received, request.is_head) {
            Some(answer) => Ok(answer),
            None => written.and(read).and_then(|_| {
                let received = received.escape_ascii();
                let message = format!("the server sent no whole answer: {received}");
                Err(io::Error::new(io::ErrorKind::InvalidData, message))
            }),
        }
    }
}
