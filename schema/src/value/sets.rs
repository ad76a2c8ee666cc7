//! One form for sets, so that plain equality compares them as sets.

use super::Value;
use crate::types::Type;

impl Value {
    /// Sorts the elements of every set in the value and removes repeated ones.
    ///
    /// Elements that hold something unknown are never merged: they may yet differ.
    pub(crate) fn normalize_sets(&mut self, ty: &Type) {
        match (self, ty) {
            (Self::List(elements), Type::Set(element)) => {
                elements
                    .iter_mut()
                    .for_each(|value| value.normalize_sets(element));
                elements.sort();
                elements.dedup_by(|a, b| a == b && a.is_wholly_known());
            }
            (Self::List(elements), Type::List(element)) => {
                elements
                    .iter_mut()
                    .for_each(|value| value.normalize_sets(element));
            }
            (Self::List(elements), Type::Tuple(types)) => {
                elements
                    .iter_mut()
                    .zip(types)
                    .for_each(|(value, ty)| value.normalize_sets(ty));
            }
            (Self::Map(elements), Type::Map(element)) => {
                elements
                    .values_mut()
                    .for_each(|value| value.normalize_sets(element));
            }
            (Self::Map(members), Type::Object(types)) => {
                for (name, value) in members {
                    if let Some(ty) = types.get(name) {
                        value.normalize_sets(ty);
                    }
                }
            }
            (Self::Dynamic(ty, inner), _) => inner.normalize_sets(ty),
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
        a.normalize_sets(&ty);
        b.normalize_sets(&ty);
        assert_eq!(a, b);

        let mut unknowns = Value::List(vec![Value::unknown(), Value::unknown()]);
        unknowns.normalize_sets(&ty);
        assert_eq!(unknowns.as_list().unwrap().len(), 2);
    }
}
