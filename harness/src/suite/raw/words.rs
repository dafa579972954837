//! Kinds of names, so that the JSON Schema of one suite can say which there are.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

macro_rules! words {
    ($($name:ident = $description:literal,)*) => {
        $(
            #[doc = $description]
            #[derive(Debug)]
            pub(crate) enum $name {}

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({ "type": "string", "description": $description })
                }
            }
        )*
    };
}

words! {
    AnyName = "A name.",
    ActorName = "An actor, or `@harness`.",
    GroupName = "An actor or a group.",
    WhoName = "An actor or a group, or `@harness`.",
    RowSetName = "A row set of the relation, `own`, `all` or `none`.",
    RelationName = "A relation, as SQL writes it.",
    FunctionName = "A function with its argument types, as SQL writes it.",
    KindName = "A kind of check.",
    RevisionName = "A revision of the chain.",
}
