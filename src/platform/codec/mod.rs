//! What is inside pictures, films and sound: sizes, durations, smaller pictures, peaks, copies without metadata.
//!
//! Uses: base, files. Never: a decoder that starts before the bound on pixels and memory is judged; memory that grows
//! with the length of a film or a recording; a place in a copy for the public.
//!
//! A file that cannot be read is `unsupported_media_type`, `too_large` or `timeout`, with a sentence for people. What
//! the store itself fails with keeps its code ([`Source::open`]).

mod boxes;
mod decode;
mod ebml;
#[cfg(test)]
mod faults;
pub mod film;
pub mod gzip;
mod head;
mod orient;
pub mod picture;
mod shrink;
pub mod sound;
mod source;
pub mod strip;
mod view;

pub use source::{Input, Source, Trouble};

use crate::base::error::{Code, Error};

/// The bytes are not what their type says.
fn damaged(noun: &str) -> Error {
    Error::new(
        Code::UnsupportedMediaType,
        format!("This {noun} is damaged or cut short, and could not be read. Save it anew and send it again."),
    )
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read, Seek, SeekFrom};

    use super::*;
    use crate::base::error::Result;

    /// Stands in the metadata of every sample, and must not stand in a copy.
    const SECRET: &[u8] = b"52.5200N 13.4050E";
    const PROFILE: &[u8; 24] = b"\0\0\0\x18xxxxmntrxxxxRGB XYZ ";

    fn exif(orientation: u8) -> Vec<u8> {
        let mut block = orient::exif(orientation).to_vec();
        block.extend(SECRET);
        block
    }

    /// Red at the left, blue at the right, brighter towards the bottom.
    fn pixels(width: u32, height: u32, channels: usize) -> Vec<u8> {
        let mut data = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let bright = u8::try_from(100 + y * 150 / height).expect("at most 250");
                let pixel = if x < width / 2 { [bright, 10, 10, 255] } else { [10, 10, bright, 128] };
                data.extend(&pixel[..channels]);
            }
        }
        data
    }

    fn jpeg(width: u16, height: u16, orientation: u8, progressive: bool) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
        encoder.set_progressive(progressive);
        encoder.add_exif_metadata(&exif(orientation)).expect("short");
        encoder.add_icc_profile(PROFILE).expect("short");
        encoder.add_app_segment(13, SECRET.to_vec()).expect("short");
        let data = pixels(width.into(), height.into(), 3);
        encoder.encode(&data, width, height, jpeg_encoder::ColorType::Rgb).expect("encoded");
        file.extend(b"\xff\xd8\xff\xe1\0\x20");
        file.extend(SECRET);
        file
    }

    fn png(width: u32, height: u32, orientation: u8) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.add_text_chunk("Comment".into(), String::from_utf8_lossy(SECRET).into_owned()).expect("Latin");
        let mut writer = encoder.write_header().expect("written");
        writer.write_chunk(png::chunk::ChunkType(*b"eXIf"), &exif(orientation)).expect("written");
        writer.write_image_data(&pixels(width, height, 4)).expect("written");
        writer.finish().expect("written");
        file
    }

    fn riff_chunk(kind: &[u8], content: &[u8]) -> Vec<u8> {
        let mut chunk = kind.to_vec();
        chunk.extend(u32::try_from(content.len()).expect("short").to_le_bytes());
        chunk.extend(content);
        chunk.resize(chunk.len().next_multiple_of(2), 0);
        chunk
    }

    fn webp(width: u32, height: u32, orientation: u8) -> Vec<u8> {
        let plain = webp::Encoder::from_rgb(&pixels(width, height, 3), width, height).encode(80.0);
        let mut extended = vec![0x0c, 0, 0, 0];
        for side in [width, height] {
            extended.extend(&(side - 1).to_le_bytes()[..3]);
        }
        let mut body = b"WEBP".to_vec();
        body.extend(riff_chunk(b"VP8X", &extended));
        body.extend(&plain[12..]);
        body.extend(riff_chunk(b"EXIF", &exif(orientation)));
        body.extend(riff_chunk(b"XMP ", SECRET));
        riff_chunk(b"RIFF", &body)
    }

    fn gif(width: u16, height: u16) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = gif::Encoder::new(&mut file, width, height, &[200, 10, 10, 10, 10, 200]).expect("written");
        encoder.set_repeat(gif::Repeat::Infinite).expect("written");
        encoder.write_raw_extension(gif::AnyExtension(0xfe), &[SECRET]).expect("written");
        encoder.write_raw_extension(gif::AnyExtension(0xff), &[b"XMP DataXMP", SECRET]).expect("written");
        let data: Vec<u8> = (0..height).flat_map(|_| (0..width).map(|x| u8::from(x >= width / 2))).collect();
        for _ in 0..2 {
            encoder.write_frame(&gif::Frame::from_indexed_pixels(width, height, data.clone(), None)).expect("written");
        }
        drop(encoder);
        file
    }

    fn atom(kind: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let mut file = u32::try_from(content.len() + 8).expect("short").to_be_bytes().to_vec();
        file.extend(kind);
        file.extend(content);
        file
    }

    /// An AVIF whose pixels are nonsense: they are not looked at.
    fn avif(width: u32, height: u32, quarter_turns: u8) -> Vec<u8> {
        let file_type = atom(b"ftyp", &[b"avif\0\0\0\0mif1"]);
        let item = |id: u8, kind: &[u8; 4]| atom(b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], kind, b"\0"]);
        let infos = atom(b"iinf", &[&[0, 0, 0, 0, 0, 2], &item(1, b"av01"), &item(2, b"Exif")]);
        let size = atom(b"ispe", &[&[0; 4], &width.to_be_bytes(), &height.to_be_bytes()]);
        let thumbnail = atom(b"ispe", &[&[0; 4], &[0, 0, 0, 9], &[0, 0, 0, 9]]);
        let properties = atom(b"ipco", &[&thumbnail, &size, &atom(b"irot", &[&[quarter_turns]])]);
        let linked = atom(b"ipma", &[&[0; 4], &[0, 0, 0, 1], &[0, 1, 2, 0x82, 3]]);
        let meta = |from: u32| {
            let length = u32::try_from(SECRET.len() + 30).expect("short").to_be_bytes();
            let place =
                |id: u8, from: u32, length: [u8; 4]| [&[0, id, 0, 0, 0, 1][..], &from.to_be_bytes(), &length].concat();
            let places = [place(1, from, [0, 0, 0, 8]), place(2, from + 8, length)].concat();
            let table = atom(b"iloc", &[&[0, 0, 0, 0, 0x44, 0, 0, 2], &places]);
            let primary = atom(b"pitm", &[&[0; 4], &[0, 1]]);
            atom(b"meta", &[&[0; 4], &primary, &table, &infos, &atom(b"iprp", &[&properties, &linked])])
        };
        let from = file_type.len() + meta(0).len() + 8;
        let data = atom(b"mdat", &[b"av1 bits", &[0; 4], &exif(1), &[0; 0]]);
        [file_type, meta(u32::try_from(from).expect("short")), data].concat()
    }

    fn pictures() -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("image/jpeg", jpeg(40, 24, 6, false)),
            ("image/jpeg", jpeg(40, 24, 8, true)),
            ("image/png", png(40, 24, 3)),
            ("image/webp", webp(40, 24, 5)),
            ("image/gif", gif(40, 24)),
            ("image/avif", avif(40, 24, 1)),
        ]
    }

    fn holds(file: &[u8], words: &[u8]) -> bool {
        file.windows(words.len()).any(|window| window == words)
    }

    fn all_smaller(file: &[u8], content_type: &str) -> Result<Vec<picture::Smaller>> {
        let mut made = Vec::new();
        picture::smaller(&mut Cursor::new(file), content_type, &mut |one| {
            made.push(one);
            Ok(())
        })?;
        Ok(made)
    }

    fn decoded(file: &[u8], content_type: &str) -> decode::Pixels {
        let mut input = Cursor::new(file);
        let head = head::read(&mut input, content_type).expect("a head");
        decode::decode(&mut input, content_type, head, (u32::MAX, u32::MAX)).expect("pixels")
    }

    #[test]
    fn smaller_pictures_are_upright_in_the_widths_it_has_and_say_nothing_of_the_place() {
        for progressive in [false, true] {
            let file = jpeg(1000, 700, 6, progressive);
            assert!(holds(&file, SECRET));
            let made = all_smaller(&file, "image/jpeg").expect("made");
            let sizes: Vec<_> = made.iter().map(|one| (one.size.width, one.size.height, one.ending)).collect();
            assert_eq!(sizes, [(640, 914, "webp"), (640, 914, "jpg"), (320, 457, "webp"), (320, 457, "jpg")]);
            for one in made {
                assert!(!holds(&one.bytes, SECRET) && !holds(&one.bytes, b"Exif") && !holds(&one.bytes, b"EXIF"));
                assert!(holds(&one.bytes, PROFILE), "the colours stay what they were");
                let pixels = decoded(&one.bytes, one.content_type);
                assert_eq!((pixels.width, pixels.height), (one.size.width as usize, one.size.height as usize));
                // What lay at the left is on top now.
                let (first, last) = (&pixels.data[..3], &pixels.data[pixels.data.len() - 3..]);
                assert!(first[0] > 90 && first[2] < 60, "red on top: {first:?}");
                assert!(last[2] > 90 && last[0] < 60, "blue below: {last:?}");
            }
        }
    }

    #[test]
    fn every_kind_gets_smaller_pictures_and_a_narrow_one_its_own_width() {
        for (content_type, file) in
            [("image/png", png(700, 20, 1)), ("image/webp", webp(700, 20, 1)), ("image/gif", gif(700, 20))]
        {
            let made = all_smaller(&file, content_type).expect("made");
            let widths: Vec<_> = made.iter().map(|one| one.size.width).collect();
            assert_eq!(widths, [640, 640, 320, 320], "{content_type}");
            for one in made {
                let pixels = decoded(&one.bytes, one.content_type);
                let middle = pixels.data.len() / 2 - pixels.data.len() / 2 % (pixels.width * pixels.channels);
                let red = &pixels.data[middle..middle + 3];
                assert!(red[0] > 90 && red[2] < 80, "{content_type} {}: {red:?}", one.ending);
            }
        }
        let made = all_smaller(&png(40, 24, 6), "image/png").expect("made");
        assert_eq!(made.iter().map(|one| (one.size.width, one.size.height)).collect::<Vec<_>>(), [(24, 40), (24, 40)]);
        let strip = all_smaller(&png(2, 6000, 1), "image/png").expect("made");
        assert_eq!(strip.len(), 2, "the highest that is made");
        assert!(all_smaller(&png(1, 9000, 1), "image/png").expect("left alone").is_empty());
    }

    #[test]
    fn what_is_seen_through_stays_so_in_webp_and_lies_on_white_in_jpeg() {
        let made = all_smaller(&png(400, 300, 1), "image/png").expect("made");
        let [webp, jpeg] = &made[..] else { panic!("two") };
        let seen = decoded(&webp.bytes, "image/webp");
        assert_eq!((seen.channels, seen.data[seen.data.len() - 1]), (4, 128));
        let flat = decoded(&jpeg.bytes, "image/jpeg");
        assert!(flat.data[flat.data.len() - 3] > 120, "half of white: {:?}", &flat.data[flat.data.len() - 3..]);
    }

    #[test]
    fn a_copy_has_the_same_pixels_and_turn_and_nothing_else() {
        for (content_type, file) in pictures() {
            assert!(holds(&file, SECRET));
            let mut copy = Vec::new();
            strip::copy(&mut Cursor::new(&file), content_type, &mut copy).expect("copied");
            assert!(!holds(&copy, SECRET), "{content_type}");
            let head = |file: &[u8]| head::read(&mut Cursor::new(file), content_type).expect("a head");
            assert_eq!(head(&copy), head(&file), "{content_type}");
            if picture::decodes(content_type) {
                let (before, after) = (decoded(&file, content_type), decoded(&copy, content_type));
                assert_eq!((before.data, before.profile), (after.data, after.profile), "{content_type}");
            }
            let mut again = Vec::new();
            strip::copy(&mut Cursor::new(&copy), content_type, &mut again).expect("copied");
            assert_eq!(copy, again, "nothing is left to take out of {content_type}");
        }
        assert_eq!(
            picture::size(&mut Cursor::new(avif(40, 24, 1)), "image/avif").expect("said"),
            picture::Size { width: 24, height: 40 }
        );
    }

    /// Counts what is read of it.
    struct Counted(Cursor<Vec<u8>>, usize);

    impl Read for Counted {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.0.read(buffer)?;
            self.1 += count;
            Ok(count)
        }
    }

    impl Seek for Counted {
        fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_picture_that_says_it_is_huge_is_refused_before_it_is_decoded() {
        let mut png = png(40, 24, 1);
        png[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
        let jpeg = |frame: u8, sampling: u8| {
            [
                &b"\xff\xd8\xff"[..],
                &[frame, 0, 17, 8, 0xc3, 0x50, 0x05, 0x00, 3, 1, sampling, 0, 2, 0x11, 0, 3, 0x11, 0],
            ]
            .concat()
        };
        let mut wide = jpeg(0xc0, 0x11);
        wide[9..11].copy_from_slice(&[0xc3, 0x50]);
        let mut gif = gif(40, 24);
        gif[6..10].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        let webp = riff_chunk(
            b"RIFF",
            &[b"WEBP".to_vec(), riff_chunk(b"VP8X", &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])].concat(),
        );
        let bombs = [
            ("image/png", png),
            ("image/gif", gif),
            ("image/webp", webp),
            ("image/avif", avif(50_000, 50_000, 0)),
            ("image/jpeg", wide),
            // 64 megapixels that would be gathered as 384 MB of coefficients.
            ("image/jpeg", jpeg(0xc2, 0x11)),
        ];
        for (content_type, mut bomb) in bombs {
            bomb.resize(bomb.len() + (1 << 20), 0);
            let mut input = Counted(Cursor::new(bomb), 0);
            let refused = picture::smaller(&mut input, content_type, &mut |_| Ok(())).expect_err("refused");
            assert_eq!(refused.code, Code::TooLarge, "{content_type}: {refused}");
            assert!(input.1 <= 128 << 10, "{content_type}: {} bytes were read", input.1);
        }
    }

    /// Each way of ours to read a picture must come back with an answer or a sentence, never with a panic.
    fn read_all_ways(file: &[u8], content_type: &str) {
        let _ = picture::size(&mut Cursor::new(file), content_type);
        let _ = strip::copy(&mut Cursor::new(file), content_type, &mut std::io::sink());
    }

    #[test]
    fn a_picture_that_is_cut_anywhere_is_an_error_or_smaller() {
        for (content_type, file) in pictures() {
            for length in 0..file.len() {
                read_all_ways(&file[..length], content_type);
            }
        }
    }

    #[test]
    fn pictures_with_random_faults_neither_panic_nor_hang() {
        let pictures = pictures();
        faults::many(3, |faults, round| {
            for (content_type, file) in &pictures {
                let file = faults.of(file);
                read_all_ways(&file, content_type);
                if round % 8 == 0 {
                    // The decoders are others' code; the job takes their panic for a damaged file.
                    let _ = std::panic::catch_unwind(|| all_smaller(&file, content_type).is_ok());
                }
            }
        });
    }
}
