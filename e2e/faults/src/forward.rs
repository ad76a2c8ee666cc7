//! One request through the proxy.

use std::sync::Arc;

use http::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER, UPGRADE};
use http::request::Parts;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};

use crate::journal::{Entry, Journal};
use crate::link::{Failure, Link};
use crate::request::{Noted, Variant};
use crate::rule::{Action, Answer, Moment};

/// What the program gets.
pub(crate) type Reply = Response<BoxBody<Bytes, hyper::Error>>;

/// What one connection of the program needs.
pub(crate) struct Forward {
    pub journal: Arc<Journal>,
    pub link: Link,
    pub authority: String,
}

impl Forward {
    /// The reply, or an error that makes the server end the program's connection without one.
    pub async fn serve(&self, request: Request<Incoming>) -> Result<Reply, Failure> {
        let (parts, body) = request.into_parts();
        let (entry, noted, action) = self.journal.note(&parts);
        if let Some(action) = &action {
            tracing::debug!(request = %noted.id, ?action, "fault");
        }
        if parts.headers.contains_key(UPGRADE) {
            return self.answer(
                entry,
                &Answer::status(501)
                    .message("the fault proxy passes no exec, attach or port-forward on"),
            );
        }
        match action {
            None => self.pass(entry, parts, body).await,
            Some(Action::Answer(answer)) => self.answer(entry, &answer),
            Some(Action::Cut(moment)) => Err(self.fail(moment, &noted, parts, body, |_| ()).await),
            Some(Action::Kill(moment, kill)) => Err(self
                .fail(moment, &noted, parts, body, |noted| kill(noted))
                .await),
        }
    }

    /// A watch goes on as it comes: nothing is collected on the way back.
    async fn pass(&self, entry: Entry, parts: Parts, body: Incoming) -> Result<Reply, Failure> {
        let response = self.ask(parts, body).await?;
        self.journal.answered(entry, response.status().as_u16());
        Ok(response.map(BodyExt::boxed))
    }

    async fn ask(&self, mut parts: Parts, body: Incoming) -> Result<Response<Incoming>, Failure> {
        parts.headers.remove(CONNECTION);
        parts
            .headers
            .insert(HOST, HeaderValue::from_str(&self.authority)?);
        let body = body.collect().await?.to_bytes();
        self.link
            .send(Request::from_parts(parts, Full::new(body)))
            .await
    }

    fn answer(&self, entry: Entry, answer: &Answer) -> Result<Reply, Failure> {
        self.journal.answered(entry, answer.status);
        let body = Full::new(Bytes::from(answer.body()))
            .map_err(|never| match never {})
            .boxed();
        let mut response = Response::builder()
            .status(answer.status)
            .header(CONTENT_TYPE, "application/json");
        if let Some(seconds) = answer.retry_after {
            response = response.header(RETRY_AFTER, seconds);
        }
        Ok(response.body(body)?)
    }

    /// Does the harm before or after the server has done its work; returns what ends the program's connection.
    async fn fail(
        &self,
        moment: Moment,
        noted: &Noted,
        parts: Parts,
        body: Incoming,
        harm: impl Fn(&Noted),
    ) -> Failure {
        if moment == Moment::After
            && let Err(failure) = self.complete(noted, parts, body).await
        {
            return failure;
        }
        harm(noted);
        format!(
            "{} was cut {}",
            noted.id,
            if moment == Moment::After {
                "after it was done"
            } else {
                "before it was sent"
            }
        )
        .into()
    }

    /// Waits for the whole answer, which says that the server is done; of a watch only the beginning comes by itself.
    async fn complete(&self, noted: &Noted, parts: Parts, body: Incoming) -> Result<(), Failure> {
        let response = self.ask(parts, body).await?;
        if noted.id.variant != Variant::Watch {
            response.into_body().collect().await?;
        }
        Ok(())
    }
}
