//! Fields of answers as they come, read in one go: each may be missing or be of another shape than was told, and then
//! it is nothing, which never makes the whole answer unreadable. Texts point into the body; nothing is kept of what
//! nobody asked for.
//!
//! Answers about thousands of payments are read this way. A tree of all their values cost four times the time.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::domain::text::SafeText;

/// The shapes that are nothing to a visitor.
macro_rules! nothing {
    ($of:ty: $($shape:ident)*) => {
        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("anything")
        }
        $($crate::gateway::lenient::nothing!(@$shape $of);)*
    };
    (@bool $of:ty) => {
        fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<$of, E> { Ok(Default::default()) }
    };
    (@number $of:ty) => {
        fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<$of, E> { Ok(Default::default()) }
        fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<$of, E> { Ok(Default::default()) }
    };
    (@fraction $of:ty) => {
        fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<$of, E> { Ok(Default::default()) }
    };
    (@null $of:ty) => {
        fn visit_unit<E: serde::de::Error>(self) -> Result<$of, E> { Ok(Default::default()) }
    };
    (@text $of:ty) => {
        fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<$of, E> { Ok(Default::default()) }
    };
    (@list $of:ty) => {
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<$of, A::Error> {
            while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            Ok(Default::default())
        }
    };
    (@object $of:ty) => {
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$of, A::Error> {
            while map.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {}
            Ok(Default::default())
        }
    };
}
pub(super) use nothing;

/// Reads a body; `None` when it is not what was to be read. That its bytes are text is looked at once for all of it.
pub(super) fn read<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Option<T> {
    serde_json::from_str(std::str::from_utf8(body).ok()?).ok()
}

/// A text.
#[derive(Debug, Clone, Default)]
pub(super) struct Text<'de>(Option<Cow<'de, str>>);

impl Text<'_> {
    /// As it came.
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// As it came; empty when there is none.
    pub fn or_empty(&self) -> &str {
        self.get().unwrap_or_default()
    }

    /// Made harmless; an empty one is none.
    pub fn safe(&self) -> Option<SafeText> {
        SafeText::new(self.get()?).non_empty()
    }

    /// Unix seconds of the time that it tells.
    pub fn seconds(&self) -> Option<i64> {
        self.get()?.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Text<'de>;

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }

            nothing!(Text<'de>: bool number fraction null list object);
        }
        deserializer.deserialize_any(Visit)
    }
}

/// A whole number.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Number(pub Option<i64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Number;

            fn visit_i64<E: Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number(Some(number)))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Number, E> {
                Ok(Number(i64::try_from(number).ok()))
            }

            nothing!(Number: bool fraction null text list object);
        }
        deserializer.deserialize_any(Visit)
    }
}

/// Yes or no.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flag(pub Option<bool>);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Flag;

            fn visit_bool<E: Error>(self, flag: bool) -> Result<Flag, E> {
                Ok(Flag(Some(flag)))
            }

            nothing!(Flag: number fraction null text list object);
        }
        deserializer.deserialize_any(Visit)
    }
}

/// An object of which it matters whether it was there at all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object<T>(pub Option<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Visit<T> {
            type Value = Object<T>;

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|object| Object(Some(object)))
            }

            nothing!(Object<T>: bool number fraction null text list);
        }
        deserializer.deserialize_any(Visit(PhantomData))
    }
}

/// Whether it is an object, whatever is in it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Present(pub bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Present;

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Present, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Present(true))
            }

            nothing!(Present: bool number fraction null text list);
        }
        deserializer.deserialize_any(Visit)
    }
}

/// A list; `None` when it is none. What is in it is lenient itself.
#[derive(Debug, Clone)]
pub(super) struct List<T>(pub Option<Vec<T>>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> List<T> {
    /// Empty when it is none.
    pub fn or_empty(self) -> Vec<T> {
        self.0.unwrap_or_default()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Visit<T> {
            type Value = List<T>;

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = list.next_element()? {
                    all.push(one);
                }
                Ok(List(Some(all)))
            }

            nothing!(List<T>: bool number fraction null text object);
        }
        deserializer.deserialize_any(Visit(PhantomData))
    }
}

/// Declares objects by their fields and the fields' names on the wire. Each field is of a type that takes anything; of
/// a name that comes twice the last one counts.
macro_rules! objects {
    ($($(#[$about:meta])* struct $name:ident { $($(#[$said:meta])* $field:ident: $kind:ty = $wire:literal,)* })*) => {$(
        $(#[$about])*
        #[derive(Default)]
        pub(in $crate::gateway) struct $name<'de> {
            $($(#[$said])* pub $field: $kind,)*
            /// Texts point into the body.
            _body: std::marker::PhantomData<&'de ()>,
        }

        impl<'de: 'a, 'a> serde::Deserialize<'de> for $name<'a> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde::de::{IgnoredAny, MapAccess};
                struct Visit;
                impl<'de> serde::de::Visitor<'de> for Visit {
                    type Value = $name<'de>;

                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<$name<'de>, A::Error> {
                        let mut object = $name::default();
                        while let Some(name) = map.next_key::<$crate::gateway::lenient::Text<'de>>()? {
                            match name.or_empty() {
                                $($wire => object.$field = map.next_value()?,)*
                                _ => { map.next_value::<IgnoredAny>()?; }
                            }
                        }
                        Ok(object)
                    }

                    $crate::gateway::lenient::nothing!($name<'de>: bool number fraction null text list);
                }
                deserializer.deserialize_any(Visit)
            }
        }
    )*};
}
pub(super) use objects;
