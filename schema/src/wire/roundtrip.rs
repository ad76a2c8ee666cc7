//! Whatever a type allows survives the way to the wire and back.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use seedling_proto::tfplugin6::DynamicValue;

use super::{read, write};
use crate::types::Type;
use crate::value::{Number, Refinements, Value};

fn any_type() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![Just(Type::String), Just(Type::Number), Just(Type::Bool)];
    let nested = leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            vec(inner.clone(), 0..3).prop_map(Type::Tuple),
            btree_map("[a-z]{1,3}", inner, 0..4).prop_map(Type::Object),
        ]
    });
    prop_oneof![9 => nested, 1 => Just(Type::Dynamic)]
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        "-?[1-9][0-9]{0,40}(\\.[0-9]{1,40})?".prop_map(|text| text.parse().unwrap()),
        prop::num::f64::NORMAL.prop_map(|float| Number::from_f64(float).unwrap()),
    ]
}

fn known(ty: &Type, unknown: bool) -> BoxedStrategy<Value> {
    let some = match ty {
        Type::String => ".{0,40}".prop_map(Value::from).boxed(),
        Type::Number => number().prop_map(Value::Number).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::List(element) | Type::Set(element) => vec(value(element, unknown), 0..4)
            .prop_map(Value::List)
            .boxed(),
        Type::Map(element) => btree_map(".{0,5}", value(element, unknown), 0..4)
            .prop_map(Value::Map)
            .boxed(),
        Type::Tuple(types) => {
            let elements: Vec<_> = types.iter().map(|ty| value(ty, unknown)).collect();
            elements.prop_map(Value::List).boxed()
        }
        Type::Object(types) => {
            let names: Vec<_> = types.keys().cloned().collect();
            let members: Vec<_> = types.values().map(|ty| value(ty, unknown)).collect();
            members
                .prop_map(move |values| {
                    Value::Map(
                        names
                            .iter()
                            .cloned()
                            .zip(values)
                            .collect::<BTreeMap<_, _>>(),
                    )
                })
                .boxed()
        }
        Type::Dynamic => {
            // A null or unknown of dynamic type has no type of its own.
            prop_oneof![Just(Type::String), Just(Type::list(Type::Number))]
                .prop_flat_map(move |ty| {
                    known(&ty, unknown).prop_map(move |inner| {
                        Value::Dynamic(Box::new(ty.clone()), Box::new(inner))
                    })
                })
                .boxed()
        }
    };
    prop_oneof![8 => some, 1 => Just(Value::Null)].boxed()
}

fn refinements(ty: &Type) -> Refinements {
    let mut refinements = Refinements {
        not_null: *ty != Type::Dynamic,
        ..Refinements::default()
    };
    match ty {
        Type::String => refinements.prefix = Some("https://".to_owned()),
        Type::Number => {
            refinements.lower_bound = Some((0_i64.into(), true));
            refinements.upper_bound = Some(("0.1".parse().unwrap(), false));
        }
        Type::List(_) | Type::Set(_) | Type::Map(_) => {
            refinements.min_length = Some(1);
            refinements.max_length = Some(300);
        }
        _ => {}
    }
    refinements
}

fn value(ty: &Type, unknown: bool) -> BoxedStrategy<Value> {
    if !unknown {
        return known(ty, false);
    }
    let refined = Value::Unknown(refinements(ty));
    prop_oneof![8 => known(ty, true), 1 => Just(Value::unknown()), 1 => Just(refined)].boxed()
}

fn typed_value(unknown: bool) -> impl Strategy<Value = (Type, Value)> {
    any_type().prop_flat_map(move |ty| {
        let normal = ty.clone();
        let value = value(&ty, unknown).prop_map(move |mut value| {
            value.normalize(&normal);
            value
        });
        (Just(ty), value)
    })
}

proptest! {
    #[test]
    fn msgpack_loses_nothing((ty, value) in typed_value(true)) {
        let message = write(&value, &ty).unwrap();
        prop_assert_eq!(read(message.as_ref(), &ty).unwrap(), value);
    }

    #[test]
    fn json_loses_nothing((ty, value) in typed_value(false)) {
        let json = value.to_json().to_string().into_bytes();
        let message = DynamicValue { msgpack: Vec::new(), json };
        prop_assert_eq!(read(Some(&message), &ty).unwrap(), value);
    }

    #[test]
    fn no_bytes_make_the_reader_fail_badly(bytes in vec(any::<u8>(), 0..64), ty in any_type()) {
        let _ = read(Some(&DynamicValue { msgpack: bytes, json: Vec::new() }), &ty);
    }
}
