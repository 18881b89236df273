//! Finished pages become bytes here: the content and the page's small objects (ISO 32000-1 §7.5.7) are deflated, from
//! the ninth page on by a second thread. The queue is bounded and keeps its order, so the bytes do not depend on time.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::canvas::whole;
use super::deflate::Deflater;
use super::tags::{self, Ended};
use super::xref::{Place, Run, references};
use crate::base::error::{Error, Result};

/// Pages before a thread is worth its start.
const ALONE: usize = 8;
/// Pages in the hands of the thread at most; each holds some 100 KiB.
const QUEUE: usize = 6;

/// A page's own numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageIds {
    pub content: u32,
    pub stream: u32,
    pub page: u32,
    pub owners: u32,
}

/// What a page is written from.
#[derive(Default)]
pub(super) struct Job {
    /// The page, its node in the tree of pages, its key in the tree of owners.
    pub page: Option<(PageIds, u32, u32)>,
    /// Number of the object stream.
    pub stream: u32,
    /// The shared dictionary of resources.
    pub resources: u32,
    pub content: Vec<u8>,
    /// The element of each marked sequence, by its number.
    pub owners: Vec<u32>,
    pub ended: Ended,
    /// Other small objects.
    pub others: Vec<(u32, Vec<u8>)>,
}

/// A job's bytes, where its objects stand (offsets count from its first byte), and the emptied job for the next page.
pub(super) struct Packed {
    pub bytes: Vec<u8>,
    pub runs: Vec<Run>,
    pub job: Job,
}

#[derive(Clone, Copy)]
enum What {
    Page,
    Owners,
    Node(usize),
    Other(usize),
}

/// Writes jobs out.
pub(super) struct Packer {
    deflater: Deflater,
    head: Vec<u8>,
    body: Vec<u8>,
    packed: Vec<u8>,
    order: Vec<(u32, What)>,
}

impl Packer {
    fn new() -> Self {
        Self { deflater: Deflater::fast(), head: Vec::new(), body: Vec::new(), packed: Vec::new(), order: Vec::new() }
    }

    fn pack(&mut self, mut job: Job, mut bytes: Vec<u8>) -> Result<Packed> {
        bytes.clear();
        let mut runs = Vec::with_capacity(4);
        if let Some((ids, _, _)) = job.page {
            runs.push(Run { first: ids.content, count: 1, place: Place::At(0) });
            self.packed.clear();
            self.deflater.all(&[&job.content], &mut self.packed)?;
            stream(&mut bytes, ids.content, b"", &self.packed);
        }
        self.small(&job, &mut runs);
        if !self.order.is_empty() {
            runs.push(Run { first: job.stream, count: 1, place: Place::At(bytes.len() as u64) });
            self.packed.clear();
            self.deflater.all(&[&self.head, &self.body], &mut self.packed)?;
            let pairs = format!("/Type/ObjStm/N {}/First {}", self.order.len(), self.head.len());
            stream(&mut bytes, job.stream, pairs.as_bytes(), &self.packed);
        }
        job.content.clear();
        job.owners.clear();
        job.ended.clear();
        job.others.clear();
        Ok(Packed { bytes, runs, job })
    }

    /// The body of the object stream, in the order of numbers, and its runs.
    fn small(&mut self, job: &Job, runs: &mut Vec<Run>) {
        self.order.clear();
        if let Some((ids, _, _)) = job.page {
            self.order.push((ids.page, What::Page));
            self.order.push((ids.owners, What::Owners));
        }
        self.order.extend(job.ended.nodes.iter().enumerate().map(|(index, node)| (node.number, What::Node(index))));
        self.order.extend(job.others.iter().enumerate().map(|(index, (number, _))| (*number, What::Other(index))));
        self.order.sort_unstable_by_key(|(number, _)| *number);
        self.head.clear();
        self.body.clear();
        for (index, (number, what)) in (0_u32..).zip(&self.order) {
            match runs.last_mut() {
                Some(run) if matches!(run.place, Place::Within { .. }) && run.first + run.count == *number => {
                    run.count += 1;
                }
                _ => {
                    let place = Place::Within { stream: job.stream, index };
                    runs.push(Run { first: *number, count: 1, place });
                }
            }
            whole(&mut self.head, i64::from(*number));
            self.head.push(b' ');
            whole(&mut self.head, i64::try_from(self.body.len()).unwrap_or(0));
            self.head.push(b' ');
            match what {
                What::Page => page(&mut self.body, job),
                What::Owners => {
                    references(&mut self.body, b"[", job.owners.iter().copied());
                    self.body.push(b']');
                }
                What::Node(at) => {
                    if let Some(node) = job.ended.nodes.get(*at) {
                        tags::write(&mut self.body, node, &job.ended.kids);
                    }
                }
                What::Other(at) => {
                    self.body.extend_from_slice(job.others.get(*at).map(|(_, bytes)| bytes.as_slice()).unwrap_or(b""));
                }
            }
            self.body.push(b'\n');
        }
    }
}

/// A page's dictionary (§7.7.3.3). Resources are named by each page (ISO 19005-3 §6.2.2); they are one object.
fn page(out: &mut Vec<u8>, job: &Job) {
    let Some((ids, parent, key)) = job.page else { return };
    for (name, number) in [
        (b"<</Type/Page/Parent ".as_slice(), parent),
        (b" 0 R/Contents ", ids.content),
        (b" 0 R/Resources ", job.resources),
        (b" 0 R/StructParents ", key),
    ] {
        out.extend_from_slice(name);
        whole(out, i64::from(number));
    }
    out.extend_from_slice(b"/Tabs/S>>");
}

/// A stream object whose data is deflated already.
pub(super) fn stream(out: &mut Vec<u8>, number: u32, pairs: &[u8], packed: &[u8]) {
    whole(out, i64::from(number));
    out.extend_from_slice(b" 0 obj\n<<");
    out.extend_from_slice(pairs);
    out.extend_from_slice(b"/Filter/FlateDecode/Length ");
    whole(out, i64::try_from(packed.len()).unwrap_or(0));
    out.extend_from_slice(b">>\nstream\n");
    out.extend_from_slice(packed);
    out.extend_from_slice(b"\nendstream\nendobj\n");
}

struct Worker {
    jobs: SyncSender<(Job, Vec<u8>)>,
    done: Receiver<Result<Packed>>,
    waiting: usize,
    handle: JoinHandle<()>,
}

impl Worker {
    fn start(mut packer: Packer) -> std::io::Result<Self> {
        let (jobs, inbox) = sync_channel::<(Job, Vec<u8>)>(QUEUE);
        let (outbox, done) = sync_channel(QUEUE + 1);
        let handle = std::thread::Builder::new().name("pdf".into()).stack_size(256 << 10).spawn(move || {
            while let Ok((job, bytes)) = inbox.recv() {
                if outbox.send(packer.pack(job, bytes)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { jobs, done, waiting: 0, handle })
    }
}

/// Takes jobs and gives their bytes back in the same order.
pub(super) struct Line {
    alone: Option<Packer>,
    worker: Option<Worker>,
    seen: usize,
    ready: VecDeque<Packed>,
    spare: Vec<(Job, Vec<u8>)>,
}

impl Line {
    pub fn new() -> Self {
        Self { alone: Some(Packer::new()), worker: None, seen: 0, ready: VecDeque::new(), spare: Vec::new() }
    }

    /// An empty job, with the buffers of one that was written.
    pub fn blank(&mut self) -> Job {
        match self.spare.last_mut() {
            Some((job, _)) => std::mem::take(job),
            None => Job::default(),
        }
    }

    /// Hands a job over. When the thread has its hands full, waits for it.
    ///
    /// # Errors
    /// `internal` when the compressor fails.
    pub fn push(&mut self, job: Job) -> Result<()> {
        let (_, bytes) = self.spare.pop().unwrap_or_default();
        self.seen += 1;
        if self.seen > ALONE
            && let Some(packer) = self.alone.take()
        {
            match Worker::start(packer) {
                Ok(worker) => self.worker = Some(worker),
                // No thread to be had: the work is done here.
                Err(_) => {
                    self.alone = Some(Packer::new());
                    self.seen = 0;
                }
            }
        }
        if let Some(packer) = &mut self.alone {
            self.ready.push_back(packer.pack(job, bytes)?);
            return Ok(());
        }
        let Some(worker) = &mut self.worker else { return Err(gone()) };
        while let Ok(packed) = worker.done.try_recv() {
            worker.waiting -= 1;
            self.ready.push_back(packed?);
        }
        if worker.waiting >= QUEUE {
            self.ready.push_back(worker.done.recv().map_err(|_| gone())??);
            worker.waiting -= 1;
        }
        worker.jobs.send((job, bytes)).map_err(|_| gone())?;
        worker.waiting += 1;
        Ok(())
    }

    /// The next job that is done.
    pub fn ready(&mut self) -> Option<Packed> {
        self.ready.pop_front()
    }

    /// Takes back what a job was written from, once its bytes are gone.
    pub fn recycle(&mut self, packed: Packed) {
        self.spare.push((packed.job, packed.bytes));
    }

    /// Waits for all that was handed over.
    ///
    /// # Errors
    /// `internal` when the compressor fails.
    pub fn drain(&mut self) -> Result<()> {
        if let Some(worker) = &mut self.worker {
            while worker.waiting > 0 {
                self.ready.push_back(worker.done.recv().map_err(|_| gone())??);
                worker.waiting -= 1;
            }
        }
        Ok(())
    }
}

impl Drop for Line {
    /// A thread never outlives its document.
    fn drop(&mut self) {
        if let Some(Worker { jobs, done, handle, .. }) = self.worker.take() {
            drop(jobs);
            drop(done);
            // It can only have ended by itself; a panic there was answered as an error already.
            let _ = handle.join();
        }
    }
}

fn gone() -> Error {
    Error::internal("the thread that deflates pages has ended")
}
