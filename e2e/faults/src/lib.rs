//! A thin HTTPS proxy between a program and the Kubernetes API: it notes every request by a name that is the same in the next run,
//! and at a chosen request it kills, cuts, or answers by itself.
//!
//! ```no_run
//! # use seedling_faults::*;
//! # async fn example(upstream: Upstream) -> Result<(), Box<dyn std::error::Error>> {
//! let proxy = Proxy::start(upstream).await?;
//! proxy.inject(Rule::first(|request| request.is_write(), Action::Answer(Answer::status(429).retry_after(1))));
//! // …run the program against `proxy.url()`, trusting `proxy.ca()`…
//! println!("{:?}", proxy.requests());
//! # Ok(())
//! # }
//! ```

mod forward;
mod journal;
mod link;
mod proxy;
mod request;
mod rule;
mod tls;

pub use link::Upstream;
pub use proxy::{Proxy, ProxyError};
pub use request::{Noted, RequestId, Variant};
pub use rule::{Action, Answer, Moment, Rule};
