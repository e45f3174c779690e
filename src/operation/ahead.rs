//! Payments read ahead: the pages of a list are asked for and read beside whoever writes them, so that provider and
//! disk are at work at the same time. One question at a time, and at most [`MOST`] pages that nobody has taken yet.
//! Only questions are asked here; nothing is written, and nothing is asked again.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::Desk;
use super::world::World;
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::schedule::Span;
use crate::gateway::{Batch, Early, Gateway};

/// How many pages are asked for before the first of them is taken: of small ones, and of those whose size nobody knows
/// yet.
const MOST: usize = 4;
const FIRST: usize = 2;

/// How many payments are one good write: a charge that wants to write its intent waits for it.
const GOOD_WRITE: usize = 1_000;

/// How often a question is looked after before something else is done: its connection takes some steps to be ready, and
/// more when it is new.
const TURNS: usize = 8;

/// What came to a question for a page.
type Came = Result<Batch<PaymentRecord>, Problem>;

/// Pages that follow each other, already read.
pub(super) struct Pages {
    /// When the first of them was asked for, or a little before.
    pub asked: Timestamp,
    /// Theirs, in their order.
    pub items: Vec<PaymentRecord>,
    /// Where the page behind them begins; `None` behind the last.
    pub next: Option<String>,
    /// How many pages they are.
    pub count: usize,
}

/// The pages of a span from some place on. Dropped, it asks for nothing more.
pub(super) struct ReadAhead {
    span: Span,
    /// Where the pages begin that are taken next.
    place: Option<String>,
    /// Leave to ask for one page more, and when it was given.
    leave: mpsc::Sender<Timestamp>,
    /// How many pages there is leave for before the first of them is taken.
    most: usize,
    pages: mpsc::Receiver<(Timestamp, Came)>,
    /// What went wrong behind the pages that were taken last.
    problem: Option<Problem>,
}

impl ReadAhead {
    /// Begins to read.
    pub(super) fn start(desk: &Desk, span: Span, place: Option<String>) -> Self {
        let (leave, left) = mpsc::channel(MOST);
        let (send, pages) = mpsc::channel(MOST);
        let (gateway, from) = (Arc::clone(&desk.gateway), place.clone());
        let ahead = Self { span, place, leave, most: FIRST, pages, problem: None };
        ahead.let_go_on(&*desk.world, FIRST);
        desk.world.beside(Box::pin(async move {
            tokio::select! {
                () = read(&*gateway, span, from, left, &send) => {}
                // Nobody wants them any more.
                () = send.closed() => {}
            }
        }));
        ahead
    }

    /// Whether what is taken next begins there.
    pub(super) fn goes_on(&self, span: Span, place: Option<&str>) -> bool {
        self.span == span && self.place.as_deref() == place
    }

    /// Waits for a page, and takes with it those that are there already.
    pub(super) async fn take(&mut self, world: &dyn World) -> Result<Pages, Problem> {
        if let Some(problem) = self.problem.take() {
            return Err(problem);
        }
        let (asked, first) = self.pages.recv().await.ok_or(Problem::Died)?;
        let Batch { items, next } = first?;
        let mut taken = Pages { asked, items, next, count: 1 };
        while taken.items.len() < GOOD_WRITE
            && let Ok((_, came)) = self.pages.try_recv()
        {
            match came {
                Ok(batch) => {
                    taken.items.extend(batch.items);
                    taken.next = batch.next;
                    taken.count += 1;
                }
                Err(problem) => {
                    self.problem = Some(problem);
                    break;
                }
            }
        }
        self.let_go_on(world, taken.count);
        // As many as are one good write may wait in memory, beside the one that is being read.
        if taken.items.len() <= taken.count * GOOD_WRITE / MOST {
            let more = MOST - std::mem::replace(&mut self.most, MOST);
            self.let_go_on(world, more);
        }
        self.place.clone_from(&taken.next);
        Ok(taken)
    }

    /// Gives leave for so many pages more.
    fn let_go_on(&self, world: &dyn World, pages: usize) {
        for _ in 0..pages {
            // Full it never is, and at the end nobody asks.
            let _ = self.leave.try_send(world.now());
        }
    }
}

/// Reads page behind page until the last, or one that fails. The next one is asked for before this one is read.
async fn read(
    gateway: &dyn Gateway,
    span: Span,
    mut place: Option<String>,
    mut leave: mpsc::Receiver<Timestamp>,
    pages: &mpsc::Sender<(Timestamp, Came)>,
) {
    let mut under_way: Option<Question<'_>> = None;
    loop {
        let question = match under_way.take() {
            Some(question) if question.place == place => question,
            // It was guessed wrong; the leave that was given for it is good for the right one.
            Some(Question { asked, .. }) => Question::new(gateway, asked, span, place),
            None => match leave.recv().await {
                Some(asked) => Question::new(gateway, asked, span, place),
                None => return,
            },
        };
        let question = question.there().await;
        if let Some(next) = question.early.next()
            && let Ok(asked) = leave.try_recv()
        {
            let next = Question::new(gateway, asked, span, Some(next.to_owned()));
            under_way = Some(next.send_off().await);
        }
        let (asked, came) = question.answer().await;
        let next = came.as_ref().ok().and_then(|batch| batch.next.clone());
        if pages.send((asked, came)).await.is_err() || next.is_none() {
            return;
        }
        place = next;
    }
}

/// A question for a page.
struct Question<'a> {
    asked: Timestamp,
    /// Where the page begins.
    place: Option<String>,
    page: Pin<Box<dyn Future<Output = Came> + Send + 'a>>,
    early: Arc<Early>,
    came: Option<Came>,
}

impl<'a> Question<'a> {
    /// Nothing is asked before it is waited for.
    fn new(gateway: &'a dyn Gateway, asked: Timestamp, span: Span, place: Option<String>) -> Self {
        let (from, early) = (place.clone(), Arc::new(Early::default()));
        let told = Arc::clone(&early);
        let page = async move { gateway.payments(span, from.as_deref(), &told).await };
        Self { asked, place, page: Box::pin(page), early, came: None }
    }

    /// Sends it off, and does not wait for the answer: what is done behind this in one go, as reading the page before
    /// it is, is done while the provider is at work.
    async fn send_off(mut self) -> Self {
        for _ in 0..TURNS {
            if self.is_open() {
                let turn = poll_fn(|context| Poll::Ready(self.page.as_mut().poll(context))).await;
                self.came = match turn {
                    Poll::Ready(came) => Some(came),
                    Poll::Pending => None,
                };
            }
            tokio::task::yield_now().await;
        }
        self
    }

    /// Whether there is nothing yet, not even a page that is not read.
    fn is_open(&self) -> bool {
        self.came.is_none() && self.early.next().is_none()
    }

    /// Waits until the page is there, read or not.
    async fn there(mut self) -> Self {
        if self.is_open() {
            self.came = poll_fn(|context| match self.page.as_mut().poll(context) {
                Poll::Ready(came) => Poll::Ready(Some(came)),
                Poll::Pending if self.early.next().is_some() => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            })
            .await;
        }
        self
    }

    /// Waits for the answer, and when it was asked for.
    async fn answer(self) -> (Timestamp, Came) {
        match self.came {
            Some(came) => (self.asked, came),
            None => (self.asked, self.page.await),
        }
    }
}
