//! The `record!` macro. It declares and does nothing clever: each arm calls one function of this module's neighbours.

/// Declares a record: a struct whose fields are keys of a mapping.
///
/// A key is the field's name with `-` for `_`, unless another is given with `@ "key"`. `(required)` makes its absence
/// a finding. `short KEY` after the name lets a single value or a list stand for the mapping with just that key.
/// Every field's type implements [`Field`](crate::record::Field). Doc comments become the editor's help.
#[macro_export]
macro_rules! record {
    (
        $(#[doc = $doc:literal])*
        $record:ident $(short $short:ident)? {
            $(
                $(#[doc = $field_doc:literal])*
                $field:ident $(@ $key:literal)? $(($required:ident))? : $type:ty,
            )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $record {
            /// Where the record stands.
            pub span: lab_source::Span,
            $($(#[doc = $field_doc])* pub $field: $type,)*
        }

        impl $record {
            const KEYS: &'static [$crate::record::Key] = &[
                $($crate::record::Key {
                    name: $crate::key_name!($field $(@ $key)?),
                    required: $crate::is_required!($($required)?),
                    doc: concat!($($field_doc, "\n",)*),
                },)*
            ];

            /// A record in which nothing is said, standing at `span`.
            pub fn empty(span: lab_source::Span) -> Self {
                Self { span, $($field: <$type as $crate::record::Field>::absent(),)* }
            }
        }

        impl $crate::record::Read for $record {
            fn read(node: &lab_source::Node, reader: &mut $crate::record::Reader<'_>) -> Option<Self> {
                let mut record = Self::empty(node.span());
                $(
                    if !matches!(node, lab_source::Node::Map(_)) {
                        record.$short = $crate::record::Field::present(node, reader);
                        return Some(record);
                    }
                )?
                let map = reader.mapping(node, stringify!($record))?;
                let mut seen = [false; 0 $(+ { let _ = stringify!($field); 1 })*];
                for entry in map.entries.iter() {
                    let Some(index) = reader.key(entry, Self::KEYS) else { continue };
                    seen[index] = true;
                    let mut at = 0usize;
                    $(
                        if index == at {
                            record.$field = reader.within(entry, |reader| {
                                <$type as $crate::record::Field>::present(&entry.value, reader)
                            });
                        }
                        at += 1;
                    )*
                    let _ = at;
                }
                reader.required(Self::KEYS, &seen, map.span);
                Some(record)
            }

            fn schema(schemas: &mut $crate::schema::Schemas) -> serde_json::Value {
                schemas.record(stringify!($record), concat!($($doc, "\n",)*), |schemas| {
                    let mut properties: Vec<(&'static $crate::record::Key, serde_json::Value)> = Vec::new();
                    let mut at = 0usize;
                    $(
                        properties.push((&Self::KEYS[at], <$type as $crate::record::Field>::schema(schemas)));
                        at += 1;
                    )*
                    let _ = at;
                    let short: Option<serde_json::Value> = None;
                    $(
                        let short = {
                            let _ = short;
                            let key = $crate::key_name!($short);
                            properties.iter().find(|(known, _)| $crate::record::same_key(known.name, key)).map(|(_, value)| value.clone())
                        };
                    )?
                    (properties, short)
                })
            }

            fn visit(&mut self, visit: &mut dyn FnMut(&mut dyn $crate::record::AnyRef)) {
                let _ = &visit;
                $($crate::record::Field::visit(&mut self.$field, visit);)*
            }
        }
    };
}

/// The key as written in the declaration; `-` is put for `_` when it is compared or shown.
#[doc(hidden)]
#[macro_export]
macro_rules! key_name {
    ($field:ident) => {
        $crate::record::KeyName { text: stringify!($field), literal: false }
    };
    ($field:ident @ $key:literal) => {
        $crate::record::KeyName { text: $key, literal: true }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! is_required {
    () => {
        false
    };
    (required) => {
        true
    };
}
