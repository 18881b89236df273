//! Finished pages become bytes here: the content and the page's small objects (ISO 32000-1 §7.5.7) are deflated, and so
//! are attached files, a piece at a time. From the ninth page or piece on a second thread does it. The queue is bounded
//! and keeps its order, so the bytes do not depend on time.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::canvas::whole;
use super::deflate::Deflater;
use super::tags::{self, Ended};
use super::xref::{Place, Run, references};
use crate::base::error::{Error, Result};

/// Pages or pieces before a thread is worth its start.
const ALONE: usize = 8;
/// Pages or pieces in the hands of the thread at most; each holds some 100 KiB.
const QUEUE: usize = 4;

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

/// What is to be deflated.
pub(super) enum Work {
    Page(Job),
    /// A piece of an attached file.
    Piece(Vec<u8>),
    /// The end of an attached file.
    End,
}

/// Bytes that are ready to be written.
#[derive(Default)]
pub(super) struct Packed {
    pub bytes: Vec<u8>,
    /// Where objects stand; offsets count from the first of these bytes.
    pub runs: Vec<Run>,
    // What the bytes were made from, emptied, for the next page or piece.
    job: Option<Job>,
    raw: Vec<u8>,
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
    // The attached file that is on its way.
    file: Option<Deflater>,
}

impl Packer {
    fn new() -> Self {
        Self {
            // The pages of a short document are worth the time; those of a long one would cost seconds.
            deflater: Deflater::small(),
            head: Vec::new(),
            body: Vec::new(),
            packed: Vec::new(),
            order: Vec::new(),
            file: None,
        }
    }

    fn work(&mut self, work: Work, mut bytes: Vec<u8>) -> Result<Packed> {
        bytes.clear();
        match work {
            Work::Page(job) => self.pack(job, bytes),
            Work::Piece(mut raw) => {
                let deflater = self.file.get_or_insert_with(Deflater::fast);
                deflater.piece(&raw, &mut bytes)?;
                raw.clear();
                Ok(Packed { bytes, raw, ..Packed::default() })
            }
            Work::End => {
                let mut deflater = self.file.take().unwrap_or_else(Deflater::fast);
                deflater.end(&mut bytes)?;
                Ok(Packed { bytes, ..Packed::default() })
            }
        }
    }

    fn pack(&mut self, mut job: Job, mut bytes: Vec<u8>) -> Result<Packed> {
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
        Ok(Packed { bytes, runs, job: Some(job), ..Packed::default() })
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
                    if let Some((_, bytes)) = job.others.get(*at) {
                        self.body.extend_from_slice(bytes);
                    }
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
    work: SyncSender<(Work, Vec<u8>)>,
    done: Receiver<Result<Packed>>,
    waiting: usize,
    handle: JoinHandle<()>,
}

impl Worker {
    /// Starts the thread; what it works with is given to it once it runs.
    fn start() -> std::io::Result<(Self, SyncSender<Packer>)> {
        let (give, take) = sync_channel::<Packer>(1);
        let (work, inbox) = sync_channel::<(Work, Vec<u8>)>(QUEUE);
        let (outbox, done) = sync_channel(QUEUE + 1);
        let handle = std::thread::Builder::new().name("pdf".into()).stack_size(256 << 10).spawn(move || {
            let Ok(mut packer) = take.recv() else { return };
            while let Ok((work, bytes)) = inbox.recv() {
                if outbox.send(packer.work(work, bytes)).is_err() {
                    return;
                }
            }
        })?;
        Ok((Self { work, done, waiting: 0, handle }, give))
    }
}

/// Takes work and gives its bytes back in the same order.
pub(super) struct Line {
    alone: Option<Packer>,
    worker: Option<Worker>,
    seen: usize,
    ready: VecDeque<Packed>,
    // What is used again.
    jobs: Vec<Job>,
    buffers: Vec<Vec<u8>>,
    raw: Vec<Vec<u8>>,
}

impl Line {
    pub fn new() -> Self {
        Self {
            alone: Some(Packer::new()),
            worker: None,
            seen: 0,
            ready: VecDeque::new(),
            jobs: Vec::new(),
            buffers: Vec::new(),
            raw: Vec::new(),
        }
    }

    /// An empty job, with the buffers of one that was written.
    pub fn blank(&mut self) -> Job {
        self.jobs.pop().unwrap_or_default()
    }

    /// An empty buffer for a piece.
    pub fn raw(&mut self) -> Vec<u8> {
        self.raw.pop().unwrap_or_default()
    }

    /// Hands work over. When the thread has its hands full, waits for it.
    ///
    /// # Errors
    /// `internal` when the compressor fails.
    pub fn push(&mut self, work: Work) -> Result<()> {
        let bytes = self.buffers.pop().unwrap_or_default();
        self.seen += 1;
        if self.seen == ALONE + 1 {
            self.leave();
        }
        if let Some(packer) = &mut self.alone {
            self.ready.push_back(packer.work(work, bytes)?);
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
        worker.work.send((work, bytes)).map_err(|_| gone())?;
        worker.waiting += 1;
        Ok(())
    }

    /// Hands the packer, with a file that may be on its way, to a thread. When there is none to be had it stays here.
    fn leave(&mut self) {
        let Some(mut packer) = self.alone.take() else { return };
        packer.deflater = Deflater::fast();
        match Worker::start() {
            Ok((worker, give)) => {
                // There is room for one, so it is taken.
                let _ = give.send(packer);
                self.worker = Some(worker);
            }
            Err(_) => self.alone = Some(packer),
        }
    }

    /// The next bytes that are ready.
    pub fn ready(&mut self) -> Option<Packed> {
        self.ready.pop_front()
    }

    /// Takes back what was used, once its bytes are written.
    pub fn recycle(&mut self, packed: Packed) {
        self.jobs.extend(packed.job);
        self.buffers.push(packed.bytes);
        if packed.raw.capacity() > 0 {
            self.raw.push(packed.raw);
        }
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
        if let Some(Worker { work, done, handle, .. }) = self.worker.take() {
            drop(work);
            drop(done);
            // It can only have ended by itself; a panic there was answered as an error already.
            let _ = handle.join();
        }
    }
}

fn gone() -> Error {
    Error::internal("the thread that deflates pages has ended")
}
