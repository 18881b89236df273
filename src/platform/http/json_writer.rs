//! JSON text (RFC 8259) of a value, the same as serde_json's to the byte.
//!
//! serde_json looks at each byte of each name for what must be escaped and writes each mark by itself. Names are most
//! of a list's bytes and are known when we are compiled, so here a name is written as it stands and a text is looked
//! through as a whole: two thirds of the time. Numbers and texts with escapes are left to serde_json.

use serde::Serialize;
use serde::ser::{self, Error as _};
use serde_json::Error;

type Result<T> = std::result::Result<T, Error>;

/// Writes `value` behind what is in `out`.
///
/// # Errors
/// What the value's own `Serialize` says; a map whose names are not texts or numbers.
pub fn write<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<()> {
    value.serialize(Writer { out })
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
}

/// No early end, so that the compiler makes vector code of it.
fn is_plain(text: &[u8]) -> bool {
    let escapes = |byte: &u8| u8::from(*byte < b' ') | u8::from(*byte == b'"') | u8::from(*byte == b'\\');
    text.iter().map(escapes).fold(0, |any, one| any | one) == 0
}

impl<'o> Writer<'o> {
    fn mark(self, text: &[u8]) {
        self.out.extend_from_slice(text);
    }

    /// What has several items, between `begin` and `end`.
    fn many(self, begin: &[u8], end: &'static [u8]) -> Many<'o> {
        self.out.extend_from_slice(begin);
        Many { out: self.out, end, first: true }
    }

    /// `{"name":`, for a variant that holds something.
    fn variant(self, name: &'static str) -> Result<Self> {
        self.out.push(b'{');
        Writer { out: self.out }.text(name)?;
        self.out.push(b':');
        Ok(self)
    }

    fn text(self, text: &str) -> Result<()> {
        if !is_plain(text.as_bytes()) {
            return serde_json::to_writer(self.out, text);
        }
        self.out.reserve(text.len() + 2);
        self.out.push(b'"');
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'"');
        Ok(())
    }
}

macro_rules! plain_values {
    ($($name:ident: $type:ty),+) => {$(
        fn $name(self, value: $type) -> Result<()> {
            serde_json::to_writer(self.out, &value)
        }
    )+};
}

impl<'o> ser::Serializer for Writer<'o> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Many<'o>;
    type SerializeTuple = Many<'o>;
    type SerializeTupleStruct = Many<'o>;
    type SerializeTupleVariant = Many<'o>;
    type SerializeMap = Many<'o>;
    type SerializeStruct = Many<'o>;
    type SerializeStructVariant = Many<'o>;

    plain_values!(
        serialize_bool: bool, serialize_char: char, serialize_bytes: &[u8],
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128,
        serialize_f32: f32, serialize_f64: f64
    );

    fn serialize_str(self, text: &str) -> Result<()> {
        self.text(text)
    }

    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.mark(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<()> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        let inner = self.variant(variant)?;
        value.serialize(Writer { out: inner.out })?;
        inner.mark(b"}");
        Ok(())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Many<'o>> {
        Ok(self.many(b"[", b"]"))
    }

    fn serialize_tuple(self, _len: usize) -> Result<Many<'o>> {
        Ok(self.many(b"[", b"]"))
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Many<'o>> {
        Ok(self.many(b"[", b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Many<'o>> {
        Ok(self.variant(variant)?.many(b"[", b"]}"))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Many<'o>> {
        Ok(self.many(b"{", b"}"))
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Many<'o>> {
        Ok(self.many(b"{", b"}"))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Many<'o>> {
        Ok(self.variant(variant)?.many(b"{", b"}}"))
    }
}

/// An array or object on its way.
struct Many<'o> {
    out: &'o mut Vec<u8>,
    end: &'static [u8],
    first: bool,
}

impl Many<'_> {
    fn comma(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.comma();
        write(self.out, value)
    }

    /// A field of a struct: its name is an identifier or a word of ours, without escapes.
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.out.reserve(name.len() + 4);
        self.comma();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        write(self.out, value)
    }

    fn finish(self) {
        self.out.extend_from_slice(self.end);
    }
}

macro_rules! items {
    ($($trait:ident: $method:ident),+) => {$(
        impl ser::$trait for Many<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.item(value)
            }

            fn end(self) -> Result<()> {
                self.finish();
                Ok(())
            }
        }
    )+};
}

items!(SerializeSeq: serialize_element, SerializeTuple: serialize_element);
items!(SerializeTupleStruct: serialize_field, SerializeTupleVariant: serialize_field);

macro_rules! fields {
    ($($trait:ident),+) => {$(
        impl ser::$trait for Many<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
                self.field(name, value)
            }

            fn end(self) -> Result<()> {
                self.finish();
                Ok(())
            }
        }
    )+};
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Many<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<()> {
        self.comma();
        // serde_json knows what may be a name and how it is written.
        match serde_json::to_value(name)? {
            serde_json::Value::String(name) => Writer { out: self.out }.text(&name),
            serde_json::Value::Number(number) => Writer { out: self.out }.text(&number.to_string()),
            _ => Err(Error::custom("a name must be a text or a number")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.out.push(b':');
        write(self.out, value)
    }

    fn end(self) -> Result<()> {
        self.finish();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Serialize)]
    struct Nothing;

    #[derive(Serialize)]
    struct Pair(i64, &'static str);

    #[derive(Serialize)]
    struct Empty {}

    #[derive(Serialize)]
    enum Shape {
        Point,
        #[serde(rename = "circle")]
        Circle(u8),
        Line(i64, i64),
        Box {
            width: f64,
            height: Option<f32>,
        },
    }

    #[derive(Serialize)]
    struct Extra {
        id: u64,
        #[serde(flatten)]
        more: BTreeMap<String, serde_json::Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        absent: Option<u8>,
    }

    fn same(value: &(impl Serialize + ?Sized)) {
        let mut out = b"before ".to_vec();
        write(&mut out, value).expect("written");
        let theirs = serde_json::to_string(value).expect("written");
        assert_eq!(String::from_utf8(out).expect("UTF-8"), format!("before {theirs}"));
    }

    #[test]
    fn every_shape_is_written_as_serde_json_writes_it() {
        same(&(Nothing, (), Empty {}, Pair(-7, "x"), true, 'ä', Some(1.5), f64::NAN, i128::MIN));
        same(&[Shape::Point, Shape::Circle(3), Shape::Line(1, -1), Shape::Box { width: 1.0, height: None }]);
        let more = BTreeMap::from([("note \"x\"".to_owned(), serde_json::json!({"a": [1, null, {}], "b": []}))]);
        same(&Extra { id: u64::MAX, more, absent: None });
        same(&BTreeMap::from([(1, "one"), (2, "two")]));
        same(&Vec::<u8>::new());
    }

    #[test]
    fn every_character_is_written_as_serde_json_writes_it() {
        for code in (0..0x300).chain([0x2028, 0xfffd, 0x1_f600]) {
            let text: String = char::from_u32(code).into_iter().collect();
            same(&text);
            same(&format!("around {text} and more than sixteen bytes"));
        }
    }

    #[test]
    fn a_map_with_other_names_is_refused() {
        assert!(write(&mut Vec::new(), &BTreeMap::from([(vec![1], 1)])).is_err());
    }
}
