//! One form for equal values, so that plain equality compares them as the core does.

use super::{Refinements, Value};
use crate::types::Type;

impl Value {
    /// Gives every object all attributes of its type (null where missing), sorts the elements of
    /// every set and removes repeated ones.
    ///
    /// Elements that hold something unknown are never merged: they may yet differ.
    pub(crate) fn normalize(&mut self, ty: &Type) {
        match (self, ty) {
            (Self::List(elements), Type::Set(element)) => {
                for value in elements.iter_mut() {
                    value.normalize(element);
                }
                elements.sort();
                elements.dedup_by(|a, b| a == b && a.is_wholly_known());
            }
            (Self::List(elements), Type::List(element)) => {
                for value in elements.iter_mut() {
                    value.normalize(element);
                }
            }
            (Self::List(elements), Type::Tuple(types)) => {
                for (value, ty) in elements.iter_mut().zip(types) {
                    value.normalize(ty);
                }
            }
            (Self::Map(elements), Type::Map(element)) => {
                for value in elements.values_mut() {
                    value.normalize(element);
                }
            }
            (Self::Map(members), Type::Object(types)) => {
                for (name, ty) in types {
                    members.entry(name.clone()).or_default().normalize(ty);
                }
            }
            (Self::Dynamic(ty, inner), _) => inner.normalize(ty),
            _ => {}
        }
    }

    /// Replaces every unknown by one of which nothing is known.
    pub(crate) fn forget_refinements(&mut self) {
        match self {
            Self::Unknown(refinements) => *refinements = Refinements::default(),
            Self::List(elements) => elements.iter_mut().for_each(Self::forget_refinements),
            Self::Map(members) => members.values_mut().for_each(Self::forget_refinements),
            Self::Dynamic(_, inner) => inner.forget_refinements(),
            _ => {}
        }
    }

    /// Replaces every unknown by null.
    pub(crate) fn unknown_as_null(&mut self) {
        match self {
            Self::Unknown(_) => *self = Self::Null,
            Self::List(elements) => elements.iter_mut().for_each(Self::unknown_as_null),
            Self::Map(members) => members.values_mut().for_each(Self::unknown_as_null),
            Self::Dynamic(_, inner) => inner.unknown_as_null(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_compare_regardless_of_order_and_repetition() {
        let ty = Type::set(Type::string());
        let mut a = Value::from(vec!["b".to_owned(), "a".to_owned(), "b".to_owned()]);
        let mut b = Value::from(vec!["a".to_owned(), "b".to_owned()]);
        a.normalize(&ty);
        b.normalize(&ty);
        assert_eq!(a, b);

        let mut unknowns = Value::List(vec![Value::unknown(), Value::unknown()]);
        unknowns.normalize(&ty);
        assert_eq!(unknowns.as_list().unwrap().len(), 2);
    }

    #[test]
    fn objects_get_the_members_they_lack() {
        let ty = Type::object([("a", Type::list(Type::object([("b", Type::bool())])))]);
        let mut value = Value::object([("a", Value::List(vec![Value::object([])]))]);
        value.normalize(&ty);
        assert_eq!(
            value.get("a").element(0),
            &Value::object([("b", Value::Null)])
        );
    }
}
