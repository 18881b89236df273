//! The fonts of the house: two families of two cuts for Latin, Greek and Cyrillic, one font each for Arabic and Hebrew,
//! then what the owner dropped in. Built once and shared; what is kept is what the shaper knows of each font, not the documents'.

use std::sync::{Arc, Mutex, PoisonError};

use harfrust::font::Font;
use harfrust::{Direction, Language, Script, ShapePlan};

use crate::base::error::{Error, Result};

/// Open Sans (Apache-2.0): Latin, Greek, Cyrillic. Its figures have one width.
const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/OpenSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../assets/fonts/OpenSans-Semibold.ttf");
/// Liberation Sans (OFL-1.1): Latin, Greek, Cyrillic, of Arial's widths.
const SLIP: &[u8] = include_bytes!("../../../assets/fonts/LiberationSans-Regular.ttf");
const SLIP_BOLD: &[u8] = include_bytes!("../../../assets/fonts/LiberationSans-Bold.ttf");
/// Noto Sans (OFL-1.1).
const ARABIC: &[u8] = include_bytes!("../../../assets/fonts/NotoSansArabic-Regular.ttf");
const HEBREW: &[u8] = include_bytes!("../../../assets/fonts/NotoSansHebrew-Regular.ttf");

/// Plans of shaping that a font keeps.
const PLANS: usize = 16;

/// How a plan is found again.
#[derive(Clone, PartialEq)]
pub(super) struct PlanKey {
    pub script: Option<Script>,
    pub rtl: bool,
    pub language: Option<Language>,
}

/// A font that is ready to shape with.
pub(super) struct Loaded {
    pub font: Font,
    pub bytes: Bytes,
    pub index: u32,
    /// Its PostScript name, of letters, digits and hyphens.
    pub name: String,
    pub upem: i32,
    plans: Mutex<Vec<(PlanKey, Arc<ShapePlan>)>>,
}

/// The bytes of a font.
#[derive(Clone)]
pub(super) enum Bytes {
    Own(&'static [u8]),
    Extra(Arc<Vec<u8>>),
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Extra(bytes) => bytes,
        }
    }
}

impl Loaded {
    /// Reads a font's tables; none when it is no font that can be drawn and embedded.
    pub fn new(bytes: Bytes, fallback_name: &str) -> Option<Self> {
        let font = match bytes.clone() {
            Bytes::Own(bytes) => Font::new(bytes, 0)?,
            Bytes::Extra(bytes) => {
                let shared: Arc<dyn AsRef<[u8]> + Send + Sync> = bytes;
                Font::new(shared, 0)?
            }
        };
        if font.num_glyphs() == 0 || !font.charmap().has_unicode() {
            return None;
        }
        let upem = i32::from(font.units_per_em());
        let said = ttf_parser::Face::parse(bytes.as_ref(), 0).ok().and_then(|face| {
            face.names()
                .into_iter()
                .find(|name| name.name_id == ttf_parser::name_id::POST_SCRIPT_NAME && name.is_unicode())
                .and_then(|name| name.to_string())
        });
        let mut name = said.unwrap_or_else(|| fallback_name.to_owned());
        name.retain(|c| c.is_ascii_alphanumeric() || c == '-');
        name.truncate(60);
        if name.is_empty() {
            name.push_str("Font");
        }
        Some(Self { font, bytes, index: 0, name, upem, plans: Mutex::new(Vec::new()) })
    }

    /// The glyph of a character.
    pub fn glyph(&self, c: char) -> Option<u32> {
        self.font.charmap().map_unicode(c).map(|glyph| glyph.to_u32()).filter(|glyph| *glyph > 0)
    }

    /// Whether shaping finds a glyph for a character: its own, or that of one that looks the same (as HarfBuzz does).
    pub fn draws(&self, c: char) -> bool {
        let same = match c {
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => ' ',
            '\u{2011}' => '\u{2010}',
            _ => return self.glyph(c).is_some(),
        };
        self.glyph(c).or_else(|| self.glyph(same)).is_some()
    }

    /// The plan for a kind of text; kept, since making one costs more than shaping a word.
    pub fn plan(&self, key: &PlanKey) -> Arc<ShapePlan> {
        let direction = if key.rtl { Direction::RightToLeft } else { Direction::LeftToRight };
        let Ok(mut plans) = self.plans.lock() else {
            return Arc::new(ShapePlan::new(&self.font, direction, key.script, key.language.as_ref(), &[]));
        };
        if let Some((_, plan)) = plans.iter().find(|(own, _)| own == key) {
            return Arc::clone(plan);
        }
        let plan = Arc::new(ShapePlan::new(&self.font, direction, key.script, key.language.as_ref(), &[]));
        if plans.len() < PLANS {
            plans.push((key.clone(), Arc::clone(&plan)));
        }
        plan
    }
}

/// Reads the bytes of a font.
type Load = Box<dyn Fn() -> std::io::Result<Vec<u8>> + Send + Sync>;

/// A font that the owner added: TTF, OTF (CFF too) or the first of a TTC.
pub struct Extra {
    name: String,
    load: Load,
    // Characters it has, as ranges; known after it was read once.
    coverage: Mutex<Option<Vec<(u32, u32)>>>,
}

impl Extra {
    /// A font by its name (for the log) and how its bytes are read. They are read only for a document that has a
    /// character which no font before it has, and let go with that document.
    pub fn new(name: impl Into<String>, load: impl Fn() -> std::io::Result<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self { name: name.into(), load: Box::new(load), coverage: Mutex::new(None) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it may have a character: yes when it was not read yet.
    pub(super) fn may_have(&self, c: char) -> bool {
        let Ok(coverage) = self.coverage.lock() else { return true };
        let Some(ranges) = &*coverage else { return true };
        let c = u32::from(c);
        let at = ranges.partition_point(|(_, last)| *last < c);
        ranges.get(at).is_some_and(|(first, _)| *first <= c)
    }

    /// Reads it.
    pub(super) fn load(&self) -> Option<Loaded> {
        let loaded = (self.load)().ok().and_then(|bytes| Loaded::new(Bytes::Extra(Arc::new(bytes)), &self.name));
        // One that cannot be embedded is found out now, while another font can still stand in.
        let loaded = loaded.filter(|loaded| {
            let mut some = subsetter::GlyphRemapper::new();
            some.remap(1);
            subsetter::subset(loaded.bytes.as_ref(), loaded.index, &some).is_ok()
        });
        if let (Some(loaded), Ok(mut coverage)) = (&loaded, self.coverage.lock()) {
            coverage.get_or_insert_with(|| ranges(loaded));
        }
        loaded
    }
}

/// The characters of a font, in ranges.
fn ranges(loaded: &Loaded) -> Vec<(u32, u32)> {
    let mut all: Vec<u32> = loaded.font.charmap().unicodes().map(|(c, _)| c).collect();
    all.sort_unstable();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for c in all {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 >= c => *last = c.max(*last),
            _ => ranges.push((c, c)),
        }
    }
    ranges.shrink_to_fit();
    ranges
}

impl std::fmt::Debug for Extra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Extra").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A font of the house that few documents need.
struct Late {
    bytes: &'static [u8],
    name: &'static str,
    loaded: Mutex<Option<Arc<Loaded>>>,
}

impl Late {
    fn new(bytes: &'static [u8], name: &'static str) -> Self {
        Self { bytes, name, loaded: Mutex::new(None) }
    }

    fn get(&self) -> Option<Arc<Loaded>> {
        let mut loaded = self.loaded.lock().ok()?;
        if loaded.is_none() {
            *loaded = Loaded::new(Bytes::Own(self.bytes), self.name).map(Arc::new);
        }
        loaded.clone()
    }
}

/// The faces, by the numbers of [`super::types::Face`].
pub(super) type Faces = [Arc<Loaded>; 4];

/// All fonts: made once, shared by all documents. Each is read when a document first needs it, so that a desk which
/// writes none keeps none in memory.
pub struct Fonts {
    faces: Mutex<Option<Faces>>,
    arabic: Late,
    hebrew: Late,
    extra: Vec<Extra>,
}

impl Fonts {
    /// The fonts in the binary.
    pub fn new() -> Self {
        Self::with_extra(Vec::new())
    }

    /// The fonts in the binary, then `extra` in this order, for characters that those lack.
    pub fn with_extra(extra: Vec<Extra>) -> Self {
        let (arabic, hebrew) = (Late::new(ARABIC, "NotoSansArabic"), Late::new(HEBREW, "NotoSansHebrew"));
        Self { faces: Mutex::default(), arabic, hebrew, extra }
    }

    /// The faces.
    ///
    /// # Errors
    /// `internal` when they are damaged.
    pub(super) fn faces(&self) -> Result<Faces> {
        let mut faces = self.faces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(faces) = &*faces {
            return Ok(faces.clone());
        }
        let own = |bytes, name| {
            Loaded::new(Bytes::Own(bytes), name)
                .map(Arc::new)
                .ok_or_else(|| Error::internal("a font in the binary cannot be read"))
        };
        let read = [
            own(REGULAR, "OpenSans")?,
            own(BOLD, "OpenSans-Semibold")?,
            own(SLIP, "LiberationSans")?,
            own(SLIP_BOLD, "LiberationSans-Bold")?,
        ];
        Ok(faces.insert(read).clone())
    }

    /// The font of the house that may have a character which the faces lack.
    pub(super) fn late(&self, c: char) -> Option<Arc<Loaded>> {
        let font = match u32::from(c) {
            0x0590..=0x05FF | 0xFB1D..=0xFB4F => &self.hebrew,
            0x0600..=0x06FF | 0x0750..=0x077F | 0x08A0..=0x08FF | 0xFB50..=0xFDFF | 0xFE70..=0xFEFF => &self.arabic,
            _ => return None,
        };
        font.get()
    }

    pub(super) fn extra(&self) -> &[Extra] {
        &self.extra
    }
}

impl Default for Fonts {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fonts").field("extra", &self.extra).finish_non_exhaustive()
    }
}
