//! How the values of the house look in the OpenAPI document and in query and path parameters.

use std::borrow::Cow;

use poem_openapi::Object;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde::{Deserialize, Serialize};

use crate::base::id::Id;
use crate::base::money::{BasisPoints, Currency, Money};
use crate::base::page::Page;
use crate::base::tax::{Category, Rounding};
use crate::base::time::{Instant, Local, Zone};

/// Gives a type that is text on the wire its place in the document.
#[macro_export]
macro_rules! wire_text {
    ([$($generics:tt)*] $type:ty, $name:literal, $schema:expr) => {
        impl<$($generics)*> poem_openapi::types::Type for $type {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
                poem_openapi::registry::MetaSchemaRef::Inline(Box::new($schema))
            }

            fn as_raw_value(&self) -> Option<&Self::RawValueType> {
                Some(self)
            }

            fn raw_element_iter<'a>(
                &'a self,
            ) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl<$($generics)*> poem_openapi::types::ParseFromJSON for $type {
            fn parse_from_json(
                value: Option<serde_json::Value>,
            ) -> poem_openapi::types::ParseResult<Self> {
                serde_json::from_value(value.unwrap_or_default())
                    .map_err(poem_openapi::types::ParseError::custom)
            }
        }

        impl<$($generics)*> poem_openapi::types::ParseFromParameter for $type {
            fn parse_from_parameter(value: &str) -> poem_openapi::types::ParseResult<Self> {
                serde_json::from_value(serde_json::Value::String(value.to_owned()))
                    .map_err(|error| poem_openapi::types::ParseError::custom(error))
            }
        }

        impl<$($generics)*> poem_openapi::types::ToJSON for $type {
            fn to_json(&self) -> Option<serde_json::Value> {
                serde_json::to_value(self).ok()
            }
        }
    };
}

/// Gives a `words!` set its place in the document, with its words.
#[macro_export]
macro_rules! wire_words {
    ($($type:ty),+ $(,)?) => {$(
        $crate::wire_text!([] $type, "string", poem_openapi::registry::MetaSchema {
            enum_items: <$type>::ALL
                .iter()
                .map(|word| serde_json::Value::String(word.as_str().to_owned()))
                .collect(),
            ..poem_openapi::registry::MetaSchema::new("string")
        });
    )+};
}

wire_text!([N: Send + Sync + 'static] Id<N>, "string_uuid", MetaSchema::new_with_format("string", "uuid"));
wire_text!([] Instant, "string_date_time", MetaSchema::new_with_format("string", "date-time"));
wire_text!([] Local, "string_local", MetaSchema {
    pattern: Some(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}".to_owned()),
    ..MetaSchema::new("string")
});
wire_text!([] Zone, "string_zone", MetaSchema::new("string"));
wire_text!([] Currency, "string_currency", MetaSchema {
    pattern: Some("^[A-Z]{3}$".to_owned()),
    ..MetaSchema::new("string")
});
wire_text!([] BasisPoints, "number_basis_points", MetaSchema::new("number"));
crate::wire_words!(Category, Rounding);

impl Type for Money {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "Money".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Reference("Money".into())
    }

    fn register(registry: &mut Registry) {
        registry.create_schema::<Self, _>("Money".into(), |_| MetaSchema {
            description: Some("An amount in minor units of its ISO 4217 currency."),
            required: vec!["amount", "currency"],
            properties: vec![("amount", i64::schema_ref()), ("currency", Currency::schema_ref())],
            ..MetaSchema::new("object")
        });
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Money {
    fn parse_from_json(value: Option<serde_json::Value>) -> ParseResult<Self> {
        serde_json::from_value(value.unwrap_or_default()).map_err(ParseError::custom)
    }
}

impl ToJSON for Money {
    fn to_json(&self) -> Option<serde_json::Value> {
        serde_json::to_value(self).ok()
    }
}

/// One page of a list.
#[derive(Debug, Object, Serialize, Deserialize)]
pub struct List<T>
where
    T: Type + ParseFromJSON + ToJSON + Send + Sync,
{
    /// The rows.
    pub items: Vec<T>,
    /// Send it as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> List<T>
where
    T: Type + ParseFromJSON + ToJSON + Send + Sync,
{
    /// The wire form of a page, each row made by `view`.
    pub fn of<M>(page: Page<M>, view: impl FnMut(M) -> T) -> Self {
        Self { next_cursor: page.next.map(|cursor| cursor.encode()), items: page.items.into_iter().map(view).collect() }
    }
}
