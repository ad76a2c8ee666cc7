//! Properties that hold for every schema and configuration.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::apply_rules::compare;
use super::nested::{counterpart, elements_mut};
use super::{PlanInput, check_applied, check_planned, plan};
use crate::attribute::{Attribute, Shape};
use crate::diagnostics::Diagnostics;
use crate::path::Path;
use crate::plan::Plan;
use crate::private::Private;
use crate::schema::Schema;
use crate::types::Type;
use crate::value::Value;

fn attribute(depth: u32) -> BoxedStrategy<Attribute> {
    let plain = (0..10_u8).prop_map(|kind| match kind {
        0 => Attribute::string().required(),
        1 => Attribute::string().optional(),
        2 => Attribute::string().computed(),
        3 => Attribute::string().optional().computed(),
        4 => Attribute::string().default_to("default"),
        5 => Attribute::string().keeps_prior(),
        6 => Attribute::string().optional().keeps_prior(),
        7 => Attribute::string().planned_as("always"),
        8 => Attribute::string().optional().write_only(),
        _ => Attribute::set_of(Type::string()).optional(),
    });
    if depth == 0 {
        return plain.boxed();
    }
    let nested = (vec(attribute(depth - 1), 1..4), 0..5_u8).prop_map(|(children, kind)| {
        let names = ["a", "b", "c"];
        let children = names.into_iter().zip(children).collect();
        match kind {
            0 => Attribute::object(children).optional(),
            1 => Attribute::object(children).required(),
            2 => Attribute::list_of_objects(children).optional(),
            3 => Attribute::object(children).default_to(Value::object([])),
            _ => Attribute::map_of_objects(children).optional(),
        }
    });
    prop_oneof![3 => plain, 1 => nested].boxed()
}

/// Schemas in which a default of a whole object leaves no required part open.
fn schema() -> impl Strategy<Value = Schema> {
    let schema = vec(attribute(2), 1..6).prop_map(|attributes| {
        let names = ["a", "b", "c", "d", "e"];
        names
            .into_iter()
            .zip(attributes)
            .fold(Schema::new(0), |schema, (name, one)| {
                schema.attribute(name, one)
            })
    });
    schema.boxed()
}

/// A configuration of a schema. Some values are unknown if `unknown` is set.
fn config(attributes: &[(String, Attribute)], unknown: bool) -> BoxedStrategy<Value> {
    let names: Vec<_> = attributes.iter().map(|(name, _)| name.clone()).collect();
    let members: Vec<_> = attributes
        .iter()
        .map(|(_, attribute)| member(attribute, unknown))
        .collect();
    members
        .prop_map(move |values| Value::Map(names.iter().cloned().zip(values).collect()))
        .boxed()
}

fn member(attribute: &Attribute, unknown: bool) -> BoxedStrategy<Value> {
    if !attribute.required && !attribute.optional {
        return Just(Value::Null).boxed();
    }
    let given = match &attribute.shape {
        Shape::Plain(Type::Set(_)) => vec("[xy]", 0..3)
            .prop_map(|texts| Value::from(texts.into_iter().collect::<Vec<String>>()))
            .boxed(),
        Shape::Plain(_) => "[xy]{1,2}".prop_map(Value::from).boxed(),
        Shape::Nested(nesting, children) => {
            let object = config(children, unknown);
            match nesting {
                crate::attribute::Nesting::Single => object,
                crate::attribute::Nesting::List => vec(object, 0..3).prop_map(Value::List).boxed(),
                crate::attribute::Nesting::Map => {
                    btree_map("[kl]", object, 0..3).prop_map(Value::Map).boxed()
                }
            }
        }
    };
    let given = if unknown {
        prop_oneof![4 => given, 1 => Just(Value::unknown())].boxed()
    } else {
        given
    };
    if attribute.required {
        given
    } else {
        prop_oneof![2 => given, 1 => Just(Value::Null)].boxed()
    }
}

fn schema_and_configs() -> impl Strategy<Value = (Schema, Value, Value)> {
    schema().prop_flat_map(|schema| {
        let first = config(&schema.attributes, false);
        let second = config(&schema.attributes, true);
        (Just(schema), first, second).prop_map(|(schema, mut first, mut second)| {
            first.normalize(&schema.ty());
            second.normalize(&schema.ty());
            (schema, first, second)
        })
    })
}

/// The core's merge of configuration and prior state (internal/plans/objchange/objchange.go).
fn proposed(attributes: &[(String, Attribute)], prior: &Value, config: &Value) -> Value {
    let members = attributes.iter().map(|(name, attribute)| {
        let (before, given) = (prior.get(name), config.get(name));
        let value = match &attribute.shape {
            _ if attribute.computed && given.is_null() => keep_prior(attribute, before),
            Shape::Nested(nesting, children) if !given.is_null() && !given.is_unknown() => {
                let mut merged = given.clone();
                for (step, element) in elements_mut(*nesting, &mut merged) {
                    let given = element.clone();
                    if !given.is_unknown() {
                        *element = proposed(children, counterpart(before, step.as_ref()), &given);
                    }
                }
                merged
            }
            _ => given.clone(),
        };
        (name.clone(), value)
    });
    Value::Map(members.collect())
}

/// A computed object whose prior value came from the configuration is not kept.
fn keep_prior(attribute: &Attribute, before: &Value) -> Value {
    match &attribute.shape {
        Shape::Nested(_, children) if attribute.optional && configured(children, before) => {
            Value::Null
        }
        _ => before.clone(),
    }
}

fn configured(children: &[(String, Attribute)], value: &Value) -> bool {
    children
        .iter()
        .any(|(name, child)| !child.computed && !value.get(name).is_null())
}

fn plan_of(schema: &Schema, prior: &Value, config: &Value) -> Plan {
    let input = PlanInput {
        prior: prior.clone(),
        proposed: proposed(&schema.attributes, prior, config),
        config: config.clone(),
        private: Private::default(),
    };
    plan(schema, input, |_| Diagnostics::default()).0
}

/// What a faithful provider returns: every unknown has got a value.
fn applied(value: &Value, ty: &Type) -> Value {
    match (value, ty) {
        (Value::Unknown(_), Type::Object(members)) => Value::Map(
            members
                .iter()
                .map(|(name, ty)| (name.clone(), applied(&Value::unknown(), ty)))
                .collect(),
        ),
        (Value::Unknown(_), Type::List(_) | Type::Set(_)) => Value::List(Vec::new()),
        (Value::Unknown(_), Type::Map(_)) => Value::object([]),
        (Value::Unknown(_), _) => Value::from("computed"),
        (Value::Map(members), Type::Object(types)) => Value::Map(
            members
                .iter()
                .map(|(name, value)| (name.clone(), applied(value, &types[name])))
                .collect(),
        ),
        (Value::Map(elements), Type::Map(element)) => Value::Map(
            elements
                .iter()
                .map(|(key, value)| (key.clone(), applied(value, element)))
                .collect(),
        ),
        (Value::List(elements), Type::List(element)) => Value::List(
            elements
                .iter()
                .map(|value| applied(value, element))
                .collect(),
        ),
        _ => value.clone(),
    }
}

proptest! {
    #[test]
    fn plans_keep_the_cores_rules((schema, first, second) in schema_and_configs()) {
        let create = plan_of(&schema, &Value::Null, &first);
        prop_assert_eq!(check_planned(&schema, &create), Diagnostics::default());
        let state = applied(&create.planned, &schema.ty());
        prop_assert_eq!(check_applied(&schema, &create.planned, &state), Diagnostics::default());

        let update = plan_of(&schema, &state, &second);
        prop_assert_eq!(check_planned(&schema, &update), Diagnostics::default());
    }

    #[test]
    fn nothing_is_left_to_do_after_apply((schema, first, second) in schema_and_configs()) {
        let second = resolved(&schema, &second);
        let created = applied(&plan_of(&schema, &Value::Null, &first).planned, &schema.ty());
        let again = plan_of(&schema, &created, &first);
        prop_assert!(again.is_no_op(), "{:?}\n{:?}", again.prior, again.planned);
        prop_assert!(again.replace.is_empty());

        let updated = applied(&plan_of(&schema, &created, &second).planned, &schema.ty());
        let again = plan_of(&schema, &updated, &second);
        prop_assert!(again.is_no_op(), "{:?}\n{:?}", again.prior, again.planned);
    }

    #[test]
    fn the_plan_of_the_apply_phase_agrees((schema, first, second) in schema_and_configs()) {
        let state = applied(&plan_of(&schema, &Value::Null, &first).planned, &schema.ty());
        for prior in [&Value::Null, &state] {
            let early = plan_of(&schema, prior, &second);
            let late = plan_of(&schema, prior, &resolved(&schema, &second));
            if late.is_no_op() {
                continue; // an update may turn out to be none
            }
            let violations = compare(&early.planned, &late.planned, &schema.ty(), &Path::root());
            prop_assert_eq!(violations, Vec::new());
        }
    }
}

/// The configuration once everything in it is known.
fn resolved(schema: &Schema, config: &Value) -> Value {
    fn resolve(attributes: &[(String, Attribute)], config: &mut Value) {
        for (name, attribute) in attributes {
            let mut value = config.get(name).clone();
            if value.is_unknown() {
                value = applied(&value, &attribute.ty());
                if let Shape::Nested(..) = attribute.shape {
                    strip_computed(attribute, &mut value);
                }
            } else if let Shape::Nested(nesting, children) = &attribute.shape {
                for (_, element) in elements_mut(*nesting, &mut value) {
                    resolve(children, element);
                }
            }
            config.set(name, value);
        }
    }
    let mut config = config.clone();
    resolve(&schema.attributes, &mut config);
    config.normalize(&schema.ty());
    config
}

/// A configuration cannot give what is only computed.
fn strip_computed(attribute: &Attribute, value: &mut Value) {
    let Shape::Nested(nesting, children) = &attribute.shape else {
        return;
    };
    for (_, element) in elements_mut(*nesting, value) {
        for (name, child) in children {
            let mut member = element.get(name).clone();
            if child.required || child.optional {
                strip_computed(child, &mut member);
            } else {
                member = Value::Null;
            }
            element.set(name, member);
        }
    }
}
