//! How long a recording is and how loud each part of it, by decoding it from beginning to end in small packets.

use std::io::{self, Read, Seek, SeekFrom};

use ropus::{Channels, DecodeMode};
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::common::Limit;
use symphonia::core::errors::Error as Fault;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;

use super::film::milliseconds;
use super::{Input, damaged};
use crate::base::error::{Code, Error, Result};

/// Peaks at most; as JSON they stay under 5 KB.
pub const PEAKS: usize = 800;

/// What a recording is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// Milliseconds.
    pub duration: i64,
    /// How loud each part of equal length gets: 0 is silence, 100 as loud as can be; 1 to [`PEAKS`] parts.
    pub peaks: Vec<u8>,
}

/// Lends an input to the demuxer, which wants to own its source.
struct Lent<'i> {
    input: &'i mut dyn Input,
    size: u64,
}

impl Read for Lent<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer)
    }
}

impl Seek for Lent<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.input.seek(to)
    }
}

impl MediaSource for Lent<'_> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.size)
    }
}

fn broken<E>(_: E) -> Error {
    damaged("recording")
}

/// Listens to a recording. What cannot be decoded in its middle is passed over; what is cut short ends there.
///
/// # Errors
/// `unsupported_media_type` when nothing can be heard.
pub fn read(input: &mut dyn Input) -> Result<Sound> {
    let size = input.seek(SeekFrom::End(0)).map_err(broken)?;
    input.rewind().map_err(broken)?;
    let stream = MediaSourceStream::new(Box::new(Lent { input, size }), MediaSourceStreamOptions::default());
    // Titles and covers are not for us.
    let tags =
        MetadataOptions::default().limit_tag_bytes(Limit::Maximum(4 << 10)).limit_visual_bytes(Limit::Maximum(4 << 10));
    let mut format =
        symphonia::default::get_probe().probe(&Hint::new(), stream, FormatOptions::default(), tags).map_err(broken)?;
    let track = format.default_track(TrackType::Audio).ok_or_else(|| damaged("recording"))?;
    let (id, base) = (track.id, track.time_base);
    let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
    let parameters = parameters.ok_or_else(|| damaged("recording"))?;
    let mut ear = Ear::new(parameters)?;
    let mut peaks: Option<(u64, Peaks)> = None;
    let (mut heard, mut first) = (0_u64, None);
    while let Ok(Some(packet)) = format.next_packet() {
        if packet.track_id != id {
            continue;
        }
        let Some((rate, loud)) = ear.hear(&packet) else { continue };
        let (rate, peaks) = peaks.get_or_insert_with(|| (rate, Peaks::new(rate)));
        // Where the recorder paused or a packet was lost, the clock of the file goes on; a leap of an hour is a
        // broken clock, and what lies between the ticks of a coarse one is no pause.
        if let Some(base) = base {
            let begins = i128::from(packet.pts.get());
            let since = begins - *first.get_or_insert(begins);
            let at = since * i128::from(base.numer.get()) * i128::from(*rate) / i128::from(base.denom.get());
            let gap = at - i128::from(heard);
            if gap > i128::from(*rate / 10) && gap < i128::from(*rate) * 3600 {
                heard = u64::try_from(at).unwrap_or(heard);
            }
        }
        peaks.add(heard, loud);
        heard += u64::try_from(loud.len()).unwrap_or(0);
    }
    let Some((rate, peaks)) = peaks.filter(|_| heard > 0) else {
        return Err(Error::new(
            Code::UnsupportedMediaType,
            "Nothing in this recording can be heard: it is empty, damaged or of a kind that is not known here.",
        ));
    };
    let duration = milliseconds(heard, rate).ok_or_else(|| damaged("recording"))?;
    Ok(Sound { duration: duration.max(1), peaks: peaks.finish() })
}

/// Decodes packets to how loud each moment is.
struct Ear {
    decoder: Decoder,
    planes: Vec<Vec<f32>>,
    loud: Vec<f32>,
}

enum Decoder {
    Opus { decoder: Box<ropus::Decoder>, channels: usize, moments: Vec<i16> },
    Other(Box<dyn AudioDecoder>),
}

/// Opus decodes to this rate (RFC 6716 §2).
const OPUS_RATE: u32 = 48_000;
/// Moments of the longest packet, 120 ms.
const OPUS_LONGEST: usize = 5760;

impl Ear {
    fn new(parameters: &AudioCodecParameters) -> Result<Self> {
        let decoder = if parameters.codec == CODEC_ID_OPUS {
            let channels = parameters.channels.as_ref().map_or(1, |channels| channels.count());
            let layout = match channels {
                1 => Channels::Mono,
                2 => Channels::Stereo,
                _ => {
                    return Err(Error::new(
                        Code::UnsupportedMediaType,
                        "This recording has more than two channels. Save it in stereo.",
                    ));
                }
            };
            let decoder = Box::new(ropus::Decoder::new(OPUS_RATE, layout).map_err(broken)?);
            Decoder::Opus { decoder, channels, moments: vec![0; OPUS_LONGEST * channels] }
        } else {
            let options = AudioDecoderOptions::default();
            let decoder = symphonia::default::get_codecs().make_audio_decoder(parameters, &options);
            Decoder::Other(decoder.map_err(|_| {
                Error::new(
                    Code::UnsupportedMediaType,
                    "This recording is of a kind that cannot be read here. Save it as MP3, M4A, WAV, FLAC or Opus.",
                )
            })?)
        };
        Ok(Self { decoder, planes: vec![Vec::new()], loud: Vec::new() })
    }

    /// Moments a second, and how loud each moment of a packet is; none when the packet is no sound.
    fn hear(&mut self, packet: &Packet) -> Option<(u64, &[f32])> {
        self.loud.clear();
        let rate = match &mut self.decoder {
            Decoder::Opus { decoder, channels, moments } => {
                let count = decoder.decode(&packet.data, moments, DecodeMode::Normal).ok()?;
                let heard = moments.get(..count * *channels)?;
                let share = |value: &i16| f32::from(*value) / 32_768.0;
                self.loud.extend(heard.chunks_exact(*channels).map(|moment| loudest(moment.iter().map(share))));
                OPUS_RATE
            }
            Decoder::Other(decoder) => {
                let heard = match decoder.decode(packet) {
                    Ok(heard) => heard,
                    Err(Fault::ResetRequired) => {
                        decoder.reset();
                        return None;
                    }
                    Err(_) => return None,
                };
                let rate = heard.spec().rate();
                heard.copy_to_vecs_planar(&mut self.planes);
                let (first, others) = self.planes.split_first()?;
                self.loud.extend(first.iter().map(|value| value.abs()));
                for plane in others {
                    for (loud, value) in self.loud.iter_mut().zip(plane) {
                        *loud = loud.max(value.abs());
                    }
                }
                rate
            }
        };
        (rate > 0 && !self.loud.is_empty()).then_some((u64::from(rate), self.loud.as_slice()))
    }
}

fn loudest(values: impl Iterator<Item = f32>) -> f32 {
    values.fold(0.0, |most, value| most.max(value.abs()))
}

/// Peaks of parts that grow with the recording: when there are twice too many, each two become one.
struct Peaks {
    /// Moments of a part.
    span: u64,
    parts: Vec<f32>,
}

impl Peaks {
    fn new(rate: u64) -> Self {
        Self { span: (rate / 200).max(1), parts: Vec::new() }
    }

    fn add(&mut self, mut at: u64, mut loud: &[f32]) {
        while !loud.is_empty() {
            let part = loop {
                match usize::try_from(at / self.span) {
                    Ok(part) if part < 2 * PEAKS => break part,
                    _ => self.halve(),
                }
            };
            let room = usize::try_from(self.span - at % self.span).unwrap_or(usize::MAX);
            let (now, later) = loud.split_at(room.min(loud.len()));
            if self.parts.len() <= part {
                self.parts.resize(part + 1, 0.0);
            }
            if let Some(peak) = self.parts.get_mut(part) {
                *peak = peak.max(loudest(now.iter().copied()));
            }
            at = at.saturating_add(u64::try_from(now.len()).unwrap_or(0));
            loud = later;
        }
    }

    fn halve(&mut self) {
        self.span = self.span.saturating_mul(2);
        self.parts = self.parts.chunks(2).map(|two| loudest(two.iter().copied())).collect();
    }

    fn finish(mut self) -> Vec<u8> {
        if self.parts.len() > PEAKS {
            self.halve();
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and 100
        self.parts.iter().map(|peak| (peak.clamp(0.0, 1.0) * 100.0).round() as u8).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::faults;
    use super::*;

    /// As Chromium records a note: a second and a half of Opus in WebM, the second half silent.
    const NOTE: &[u8] = include_bytes!("../../tests/data/note.webm");

    fn riff_chunk(kind: &[u8], content: &[u8]) -> Vec<u8> {
        let mut chunk = kind.to_vec();
        chunk.extend(u32::try_from(content.len()).expect("short").to_le_bytes());
        chunk.extend(content);
        chunk.resize(chunk.len().next_multiple_of(2), 0);
        chunk
    }

    /// A tone that is silent in its second half.
    fn wav(rate: u32, moments: u32) -> Vec<u8> {
        let tone = |n: u32| if n < moments / 2 { if n % 20 < 10 { 16_384_i16 } else { -16_384 } } else { 0 };
        let data: Vec<u8> = (0..moments).flat_map(|n| tone(n).to_le_bytes()).collect();
        let format = [&[1, 0, 1, 0][..], &rate.to_le_bytes(), &(rate * 2).to_le_bytes(), &[2, 0, 16, 0]].concat();
        riff_chunk(b"RIFF", &[b"WAVE".to_vec(), riff_chunk(b"fmt ", &format), riff_chunk(b"data", &data)].concat())
    }

    #[test]
    fn a_recording_says_its_length_and_how_loud_it_is() {
        for (moments, duration, parts) in [(8000, 1000, 200), (8000 * 60, 60_000, 750), (80, 10, 2)] {
            let sound = read(&mut Cursor::new(wav(8000, moments))).expect("heard");
            assert_eq!(sound.duration, duration);
            assert_eq!(sound.peaks.len(), parts);
            let (tone, silence) = sound.peaks.split_at(parts / 2);
            assert!(tone.iter().all(|peak| *peak == 50) && silence.iter().all(|peak| *peak == 0), "{:?}", sound.peaks);
        }
        let mut cut = wav(8000, 80_000);
        cut.truncate(80_044);
        assert_eq!(read(&mut Cursor::new(cut)).expect("heard").duration, 5000, "what is there counts");
        assert!(read(&mut Cursor::new(wav(8000, 0))).is_err());
        assert!(read(&mut Cursor::new(b"OggS".to_vec())).is_err());
    }

    #[test]
    fn a_note_as_a_browser_records_it_is_heard() {
        let sound = read(&mut Cursor::new(NOTE)).expect("heard");
        assert!((1450..1550).contains(&sound.duration), "{}", sound.duration);
        let (tone, silence) = sound.peaks.split_at(sound.peaks.len() / 2);
        assert!(tone.iter().max() > Some(&5), "{tone:?}");
        assert!(silence[silence.len() / 4..].iter().all(|peak| *peak <= 1), "{silence:?}");
    }

    #[test]
    fn peaks_stay_few_however_long_it_is_and_wherever_it_goes_on() {
        let mut peaks = Peaks::new(48_000);
        for second in 0..100_000 {
            peaks.add(second * 48_000, &[0.25; 100]);
        }
        peaks.add(u64::MAX - 1, &[1.0; 5]);
        assert!(peaks.parts.len() <= 2 * PEAKS);
        let peaks = peaks.finish();
        assert!(peaks.len() <= PEAKS && peaks.first() == Some(&25) && peaks.last() == Some(&100), "{peaks:?}");
    }

    #[test]
    fn recordings_with_random_faults_do_not_hang() {
        let recordings = [wav(8000, 400), NOTE.to_vec()];
        faults::many(3, |faults, _| {
            for file in &recordings {
                let file = faults.of(file);
                // The decoders are others' code; the job takes their panic for a damaged file.
                let _ = std::panic::catch_unwind(|| read(&mut Cursor::new(file)).is_ok());
            }
        });
    }
}
