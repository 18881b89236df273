//! Reading a file at any place through one small window, with a bound on the steps a walk may take.

use std::io::{SeekFrom, Write};

use super::{Input, damaged};
use crate::base::error::{Code, Error, Result};

/// A file seen through a window.
pub(super) struct View<'i> {
    input: &'i mut dyn Input,
    noun: &'static str,
    size: u64,
    start: u64,
    window: Vec<u8>,
    length: usize,
    steps: u32,
}

impl<'i> View<'i> {
    /// A view of a `noun` through a window of so many bytes; its walk may take so many steps.
    pub(super) fn new(input: &'i mut dyn Input, noun: &'static str, window: usize, steps: u32) -> Result<Self> {
        let size = input.seek(SeekFrom::End(0)).map_err(|_| damaged(noun))?;
        Ok(Self { input, noun, size, start: 0, window: vec![0; window], length: 0, steps })
    }

    /// Bytes of the file.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// What to say when the bytes make no sense.
    pub(super) fn damaged(&self) -> Error {
        damaged(self.noun)
    }

    /// Counts a step of the walk: a file from outside does not decide how long we walk.
    pub(super) fn step(&mut self) -> Result<()> {
        self.steps = self.steps.checked_sub(1).ok_or_else(|| damaged(self.noun))?;
        Ok(())
    }

    /// Whether the walk may go on.
    pub(super) fn steps_left(&self) -> bool {
        self.steps > 0
    }

    /// `len` bytes from `at`; no more than the window is wide.
    pub(super) fn slice(&mut self, at: u64, len: usize) -> Result<&[u8]> {
        let known = at.checked_sub(self.start).and_then(|offset| usize::try_from(offset).ok());
        let known = known.filter(|offset| offset.checked_add(len).is_some_and(|end| end <= self.length));
        let offset = match known {
            Some(offset) => offset,
            None => {
                self.fill(at, len)?;
                0
            }
        };
        self.window.get(..self.length).and_then(|seen| seen.get(offset..offset + len)).ok_or_else(|| damaged(self.noun))
    }

    fn fill(&mut self, at: u64, len: usize) -> Result<()> {
        let noun = self.noun;
        if at.checked_add(u64::try_from(len).unwrap_or(u64::MAX)).is_none_or(|end| end > self.size) {
            return Err(damaged(noun));
        }
        self.input.seek(SeekFrom::Start(at)).map_err(|_| damaged(noun))?;
        (self.start, self.length) = (at, 0);
        while self.length < len {
            let Some(rest) = self.window.get_mut(self.length..) else { break };
            match self.input.read(rest) {
                Ok(count) if count > 0 => self.length += count,
                _ => return Err(damaged(noun)),
            }
        }
        Ok(())
    }

    /// The bytes from `at` to the end of the window or of the file: at least one.
    pub(super) fn rest(&mut self, at: u64) -> Result<&[u8]> {
        let behind = at.checked_sub(self.start).and_then(|offset| usize::try_from(offset).ok());
        let offset = match behind.filter(|offset| *offset < self.length) {
            Some(offset) => offset,
            None => {
                self.fill(at, 1)?;
                0
            }
        };
        self.window.get(offset..self.length).ok_or_else(|| damaged(self.noun))
    }

    /// `N` bytes from `at`.
    pub(super) fn array<const N: usize>(&mut self, at: u64) -> Result<[u8; N]> {
        let noun = self.noun;
        self.slice(at, N)?.try_into().map_err(|_| damaged(noun))
    }

    /// A number of two bytes, most significant first.
    pub(super) fn u16(&mut self, at: u64) -> Result<u16> {
        Ok(u16::from_be_bytes(self.array(at)?))
    }

    /// A number of four bytes, most significant first.
    pub(super) fn u32(&mut self, at: u64) -> Result<u32> {
        Ok(u32::from_be_bytes(self.array(at)?))
    }

    /// A number of eight bytes, most significant first.
    pub(super) fn u64(&mut self, at: u64) -> Result<u64> {
        Ok(u64::from_be_bytes(self.array(at)?))
    }

    /// A number of four bytes, least significant first.
    pub(super) fn u32_le(&mut self, at: u64) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array(at)?))
    }

    /// Copies the bytes from `at` to `end`.
    pub(super) fn copy(&mut self, mut at: u64, end: u64, sink: &mut dyn Write) -> Result<()> {
        while at < end {
            let left = usize::try_from(end - at).unwrap_or(usize::MAX);
            let part = self.rest(at)?;
            let part = part.get(..left.min(part.len())).unwrap_or(part);
            sink.write_all(part).map_err(written)?;
            at += u64::try_from(part.len()).unwrap_or(1);
        }
        Ok(())
    }
}

/// The sink is the store's: what it fails with is a full disk or a defect.
pub(super) fn written(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            Error::new(Code::InsufficientStorage, "The disk is nearly full.").because(error)
        }
        _ => Error::internal(error),
    }
}
