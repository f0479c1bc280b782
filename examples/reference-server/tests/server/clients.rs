//! Clients that keep their connection.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

/// A client of one connection.
pub(crate) trait Client {
    fn connect(address: SocketAddr) -> Self;

    /// The status of an answer that came whole. `None`: the server has said on this connection that no more requests are
    /// answered. Panics where a request fails otherwise.
    fn get(&mut self, target: &str) -> Option<u16>;
}

pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// HTTP/1.1 with keep-alive.
pub(crate) struct Http1 {
    runtime: Runtime,
    requests: http1::SendRequest<Empty<Bytes>>,
    is_over: bool,
}

impl Client for Http1 {
    fn connect(address: SocketAddr) -> Self {
        let runtime = runtime();
        let requests = runtime.block_on(async {
            let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
            let (requests, connection) = http1::handshake(stream).await.unwrap();
            tokio::spawn(connection);
            requests
        });
        Self {
            runtime,
            requests,
            is_over: false,
        }
    }

    fn get(&mut self, target: &str) -> Option<u16> {
        if self.is_over {
            return None;
        }
        let request = Request::get(target).header("host", "localhost");
        let request = request.body(Empty::new()).unwrap();
        let requests = &mut self.requests;
        let (status, close) = self.runtime.block_on(async {
            requests.ready().await.unwrap();
            let answer = requests.send_request(request).await.unwrap();
            let close = answer.headers().get(CONNECTION);
            let close = close.is_some_and(|value| value == "close");
            let status = answer.status().as_u16();
            answer.into_body().collect().await.unwrap();
            (status, close)
        });
        self.is_over = close;
        Some(status)
    }
}

/// HTTP/2, known beforehand.
pub(crate) struct Http2 {
    runtime: Runtime,
    requests: http2::SendRequest<Empty<Bytes>>,
}

impl Http2 {
    /// Over any stream.
    pub(crate) async fn handshake<I>(stream: I) -> http2::SendRequest<Empty<Bytes>>
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (requests, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        requests
    }
}

impl Client for Http2 {
    fn connect(address: SocketAddr) -> Self {
        let runtime = runtime();
        let requests = runtime.block_on(async {
            let stream = TcpStream::connect(address).await.unwrap();
            Self::handshake(stream).await
        });
        Self { runtime, requests }
    }

    fn get(&mut self, target: &str) -> Option<u16> {
        let target: Uri = format!("http://localhost{target}").parse().unwrap();
        let requests = &mut self.requests;
        self.runtime.block_on(async {
            // It fails where the server has said that it goes away, and nothing was sent.
            requests.ready().await.ok()?;
            let request = Request::get(target).body(Empty::new()).unwrap();
            let answer = match requests.try_send_request(request).await {
                Ok(answer) => answer,
                // The same, a moment later: the request was not sent, and is given back.
                Err(error) if error.message().is_some() => return None,
                Err(error) => panic!("{:?}", error.into_error()),
            };
            let status = answer.status().as_u16();
            answer.into_body().collect().await.unwrap();
            Some(status)
        })
    }
}
