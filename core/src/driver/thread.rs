//! The engine's thread.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

use super::clock::{Clock, random_seed};
use super::link::Link;
use super::{Control, Request, Surroundings};
use crate::engine::Engine;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Effect, Event, LinkError, Reply, Ticket};
use crate::store::Store;
use crate::types::{Change, ClientState, Connection};
use crate::ws::{Events, LinkEvent};

/// Frames that wait for the engine; more wait in the socket, which slows the server down.
const LINK_EVENTS_MAX: usize = 64;
/// Commands and frames handed in before each turn.
const INPUTS_PER_TURN_MAX: usize = 64;

/// Where everything comes in.
pub(super) struct Inputs {
    control: mpsc::Receiver<Control>,
    commands: mpsc::Receiver<Request>,
    link: mpsc::Receiver<LinkEvent>,
    link_sender: mpsc::Sender<LinkEvent>,
}

enum Input {
    Control(Control),
    Command(Request),
    Link(LinkEvent),
    /// The engine wanted to be woken now.
    Time,
}

impl Inputs {
    pub(super) fn new(control: mpsc::Receiver<Control>, commands: mpsc::Receiver<Request>) -> Self {
        let (link_sender, link) = mpsc::channel(LINK_EVENTS_MAX);
        Self {
            control,
            commands,
            link,
            link_sender,
        }
    }

    /// Waits for the next input; `None` when nobody is left who could give one.
    async fn next(&mut self, wake_at: Option<std::time::Instant>) -> Option<Input> {
        let time = async {
            match wake_at {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            control = self.control.recv() => control.map(Input::Control),
            Some(request) = self.commands.recv() => Some(Input::Command(request)),
            Some(event) = self.link.recv() => Some(Input::Link(event)),
            () = time => Some(Input::Time),
        }
    }

    /// What is there without waiting, orders first.
    fn try_next(&mut self) -> Option<Input> {
        if let Ok(control) = self.control.try_recv() {
            return Some(Input::Control(control));
        }
        if let Ok(request) = self.commands.try_recv() {
            return Some(Input::Command(request));
        }
        self.link.try_recv().ok().map(Input::Link)
    }
}

/// An engine at work.
struct Open {
    engine: Engine,
    answers: BTreeMap<Ticket, oneshot::Sender<Result<Reply>>>,
    link: Option<Link>,
    refresh: Option<Refresh>,
}

/// New tokens on the way.
struct Refresh {
    number: u64,
    task: AbortHandle,
}

impl Drop for Refresh {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct EngineThread<'thread> {
    surroundings: Surroundings,
    inputs: Inputs,
    failed: &'thread AtomicBool,
    clock: Clock,
    open: Option<Open>,
    /// Why commands are refused while there is no engine.
    closed_because: ErrorCode,
    last_ticket: u64,
    last_link: u64,
}

/// Lives as long as the façade.
pub(super) fn run(surroundings: Surroundings, inputs: Inputs, failed: &AtomicBool) {
    // Only for waiting: everything that has to go on during a turn runs elsewhere.
    let Ok(waiting) = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
    else {
        failed.store(true, Ordering::Release);
        return;
    };
    let _pool = one_thread_pool();
    let mut thread = EngineThread {
        surroundings,
        inputs,
        failed,
        clock: Clock::new(),
        open: None,
        closed_because: ErrorCode::Paused,
        last_ticket: 0,
        last_link: 0,
    };
    while let Some(input) = thread.wait(&waiting) {
        let worked = catch_unwind(AssertUnwindSafe(|| thread.work(input)));
        if worked.is_err() {
            thread.fail();
        }
    }
    // Nobody is left to hear of an error.
    let _ = catch_unwind(AssertUnwindSafe(|| thread.close()));
}

/// MLS spreads some work over rayon's threads. On a phone that wakes all cores for microseconds
/// of work, so it gets a pool that consists of this thread.
fn one_thread_pool() -> Option<rayon::ThreadPool> {
    let builder = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread();
    // Without it the work is spread, and still right.
    builder.build().ok()
}

impl EngineThread<'_> {
    fn wait(&mut self, waiting: &Runtime) -> Option<Input> {
        let wake_at = self.open.as_ref().and_then(|open| open.engine.wake_at());
        let wake_at = wake_at.map(|mono_ms| self.clock.instant(mono_ms));
        waiting.block_on(self.inputs.next(wake_at))
    }

    /// Hands in what is there and turns the engine until it has nothing more to do. Commands
    /// that come in meanwhile go into the next turn, so that none waits behind a long catch-up.
    fn work(&mut self, first: Input) {
        self.take(first);
        loop {
            for _ in 0..INPUTS_PER_TURN_MAX {
                match self.inputs.try_next() {
                    Some(input) => self.take(input),
                    None => break,
                }
            }
            let now = self.clock.now();
            let Some(open) = &mut self.open else {
                return;
            };
            if open.engine.wake_at().is_some_and(|at| at <= now.mono_ms) {
                open.engine.handle(Event::Tick, now);
            }
            let more = open.engine.turn(now);
            self.after_turn();
            if !more {
                return;
            }
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Control(control) => self.obey(control),
            Input::Command(request) => self.accept(request),
            Input::Link(event) => self.take_link_event(event),
            // The loop compares the time itself.
            Input::Time => {}
        }
    }

    fn obey(&mut self, control: Control) {
        match control {
            Control::Open(answer) => {
                let opened = self.start();
                let _ = answer.send(opened);
            }
            Control::Close(answer) => {
                let closed = self.close();
                let _ = answer.send(closed);
            }
            Control::Wipe(answer) => {
                let wiped = self.wipe();
                let _ = answer.send(wiped);
            }
            #[cfg(test)]
            Control::Panic(_answer) => panic!("a panic on purpose"),
            Control::Network(network) => {
                self.surroundings.network = network;
                self.handle(Event::Network(network));
            }
        }
    }

    fn start(&mut self) -> Result<()> {
        if self.open.is_some() {
            return Ok(());
        }
        let store = Store::open(&self.surroundings.store)?;
        let engine = Engine::open(store, random_seed()?)?;
        self.open = Some(Open {
            engine,
            answers: BTreeMap::new(),
            link: None,
            refresh: None,
        });
        self.failed.store(false, Ordering::Release);
        self.handle(Event::Network(self.surroundings.network));
        self.publish_state();
        Ok(())
    }

    /// Answers every command that was handed in, then closes connection and database.
    fn close(&mut self) -> Result<()> {
        if let Some(open) = &mut self.open {
            drop(open.link.take());
            drop(open.refresh.take());
        }
        while let Ok(request) = self.inputs.commands.try_recv() {
            self.accept(request);
        }
        while self
            .open
            .as_ref()
            .is_some_and(|open| !open.answers.is_empty())
        {
            let now = self.clock.now();
            let more = self.open.as_mut().is_some_and(|open| open.engine.turn(now));
            self.after_turn();
            if !more {
                break;
            }
        }
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        self.closed_because = ErrorCode::Paused;
        let Open {
            engine,
            answers,
            link,
            ..
        } = open;
        drop((answers, link));
        let closed = engine.close();
        self.publish(|state| state.connection = Connection::Paused);
        closed
    }

    fn wipe(&mut self) -> Result<()> {
        self.publish(|state| *state = ClientState::of_nobody(Connection::Paused));
        std::fs::remove_dir_all(&self.surroundings.store.folder)
            .map_err(|error| Error::new(ErrorCode::Storage, format!("wiping the folder: {error}")))
    }

    /// After a panic nothing in the engine can be trusted. What was committed is on the disk.
    fn fail(&mut self) {
        self.closed_because = ErrorCode::Internal;
        let open = self.open.take();
        // A second panic while dropping changes nothing.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(open)));
        self.publish(|state| {
            state.connection = Connection::Offline;
            state.last_error = Some(ErrorCode::Internal);
        });
        self.failed.store(true, Ordering::Release);
    }

    fn accept(&mut self, request: Request) {
        let Some(open) = &mut self.open else {
            let reason = match self.closed_because {
                ErrorCode::Paused => "the client is paused",
                _ => "the engine has stopped by a defect",
            };
            let _ = request
                .answer
                .send(Err(Error::new(self.closed_because, reason)));
            return;
        };
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        open.answers.insert(ticket, request.answer);
        self.handle(Event::Command {
            ticket,
            command: request.command,
        });
    }

    /// A connection that was given up may have said something before it heard, so events count
    /// only from the present one.
    fn take_link_event(&mut self, event: LinkEvent) {
        let Some(open) = &mut self.open else {
            return;
        };
        if matches!(event.event, Event::Refreshed(_)) {
            if open.refresh.as_ref().map(|refresh| refresh.number) == Some(event.link) {
                drop(open.refresh.take());
                self.handle(event.event);
            }
            return;
        }
        match &mut open.link {
            Some(link) if link.number() == event.link => match event.event {
                Event::LinkOpened => link.opened(),
                Event::LinkClosed(_) => drop(open.link.take()),
                _ => {}
            },
            _ => return,
        }
        self.handle(event.event);
    }

    fn drop_link(&mut self) {
        if let Some(open) = &mut self.open {
            drop(open.link.take());
        }
    }

    fn handle(&mut self, event: Event) {
        let now = self.clock.now();
        if let Some(open) = &mut self.open {
            open.engine.handle(event, now);
        }
    }

    /// The state goes out before the answers: who has an answer finds it in the state.
    fn after_turn(&mut self) {
        self.publish_state();
        loop {
            let Some(effect) = self.open.as_mut().and_then(|open| open.engine.poll()) else {
                return;
            };
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Reply { ticket, result } => {
                let answer = self
                    .open
                    .as_mut()
                    .and_then(|open| open.answers.remove(&ticket));
                if let Some(answer) = answer {
                    // Whoever asked may be gone; the command was carried out all the same.
                    let _ = answer.send(result);
                }
            }
            Effect::Publish(changes) => self.surroundings.changes.publish(changes),
            Effect::Transmit(frame) => self.transmit(frame),
            Effect::Connect { access_token } => self.connect(access_token),
            Effect::Refresh { refresh_token } => self.refresh(refresh_token),
            Effect::Disconnect => self.drop_link(),
        }
    }

    fn transmit(&mut self, frame: whimbrel_protocol::ClientFrame) {
        let link = self.open.as_ref().and_then(|open| open.link.as_ref());
        if link.is_some_and(|link| !link.transmit(frame)) {
            self.drop_link();
            self.handle(Event::LinkClosed(LinkError::Unreachable));
            // Before the notice of it, which the engine has just queued.
            self.publish_state();
        }
    }

    fn events(&mut self) -> Events {
        self.last_link += 1;
        Events {
            link: self.last_link,
            to: self.inputs.link_sender.clone(),
        }
    }

    fn connect(&mut self, access_token: String) {
        let events = self.events();
        let transport = Arc::clone(&self.surroundings.transport);
        if let Some(open) = &mut self.open {
            let runtime = &self.surroundings.runtime;
            open.link = Some(Link::connect(runtime, transport, access_token, events));
        }
    }

    fn refresh(&mut self, refresh_token: String) {
        let events = self.events();
        let number = events.link;
        let transport = Arc::clone(&self.surroundings.transport);
        if let Some(open) = &mut self.open {
            let task = self.surroundings.runtime.spawn(async move {
                let refreshed = transport.refresh(refresh_token).await;
                events.tell(Event::Refreshed(refreshed)).await;
            });
            open.refresh = Some(Refresh {
                number,
                task: task.abort_handle(),
            });
        }
    }

    /// What changes here is told to the app by the engine itself.
    fn publish_state(&mut self) {
        if let Some(open) = &self.open {
            let state = open.engine.state();
            self.surroundings.state.send_if_modified(|published| {
                let changed = *published != state;
                *published = state;
                changed
            });
        }
    }

    /// Changes the state while there is no engine to do it.
    fn publish(&self, change: impl FnOnce(&mut ClientState)) {
        self.surroundings.state.send_modify(change);
        self.surroundings
            .changes
            .publish([Change::Connection].into());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]
    use super::*;

    #[test]
    fn parallel_work_stays_on_the_thread_of_its_engine() {
        // One engine after another, as with a client that is opened again.
        for _ in 0..2 {
            let engine = std::thread::spawn(|| {
                let _pool = one_thread_pool().unwrap();
                let here = std::thread::current().id();
                let there = || std::thread::current().id();
                assert_eq!(rayon::join(there, there), (here, here));
                assert_eq!(rayon::current_num_threads(), 1);
            });
            engine.join().unwrap();
        }
    }
}
