//! What an allowed request costs in each guard, and in all of them, next to the bare service.
//!
//!     cargo bench -p imgward-benches --bench guards
//!
//! All stacks are timed in turn, round after round, so that a machine whose speed drifts treats them alike. What is
//! printed is the median over the rounds; `over bare` is the median of each round's difference, `ratio` that of each
//! round's quotient. Requests are made before the clock starts.

mod stacks;

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use http::{Request, Response};
use tower::Service;

/// Requests in a batch: few enough to be in the nearest caches, as a request is that was just read. Each batch has other
/// clients, so that a large set is looked up all over.
const REQUESTS: usize = 25;

/// Batches of a stack in a round. The first is not timed: it gets the stack's own code and rules back into the caches,
/// from which the stacks before it drove them.
const BATCHES: usize = 21;

/// A stack that answers a batch of requests and says how long it took, in nanoseconds a request.
type Timed = Box<dyn FnMut(Vec<Request<()>>) -> f64>;

fn timed<S>(mut stack: S) -> Timed
where
    S: Service<Request<()>, Response = Response<()>> + 'static,
{
    Box::new(move |requests| {
        let count = requests.len();
        let mut cx = Context::from_waker(Waker::noop());
        let start = Instant::now();
        for request in requests {
            let answer = pin!(stack.call(request));
            let Poll::Ready(Ok(response)) = answer.poll(&mut cx) else {
                unreachable!("the stack answers at once");
            };
            assert!(response.status().is_success(), "{}", response.status());
            black_box(response);
        }
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let per_request = start.elapsed().as_nanos() as f64 / count as f64;
        per_request
    })
}

fn main() {
    let rounds = if std::env::args().any(|arg| arg == "--bench") {
        51
    } else {
        1 // `cargo test --benches`: it runs, and nobody reads the figures.
    };
    let mut stacks = stacks::all();
    let mut figures = vec![Vec::new(); stacks.len()];
    for round in 0..rounds {
        for ((_, stack), figures) in stacks.iter_mut().zip(&mut figures) {
            stack(stacks::requests(round * BATCHES, REQUESTS));
            let timed = (1..BATCHES)
                .map(|batch| stack(stacks::requests(round * BATCHES + batch, REQUESTS)));
            figures.push(median(timed));
        }
    }

    println!(
        "{:<44} {:>9} {:>10} {:>7}",
        "stack", "ns", "over bare", "ratio"
    );
    for ((name, _), own) in stacks.iter().zip(&figures) {
        let paired = |f: fn(f64, f64) -> f64| {
            median(
                own.iter()
                    .zip(&figures[0])
                    .map(|(&own, &bare)| f(own, bare)),
            )
        };
        println!(
            "{name:<44} {:>9.0} {:>10.0} {:>7.2}",
            median(own.iter().copied()),
            paired(|own, bare| own - bare),
            paired(|own, bare| own / bare),
        );
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
