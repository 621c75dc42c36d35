//! Columns that know their table and the type of their values.

use plan::Alias;
use std::marker::PhantomData;

use async_graphql_value::ConstValue as Value;

use super::{Entity, LabelledEnum};
use plan::{
    ColumnRef, Comparison, Condition, Direction, Expression, Nulls, Order, Parameter, ParameterKind, ParameterSource,
    PlanBuilder,
};

/// A column of the table `E` whose values are `V`.
#[derive(Debug)]
pub struct TypedColumn<E, V> {
    index: usize,
    marker: PhantomData<fn() -> (E, V)>,
}

impl<E, V> Clone for TypedColumn<E, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, V> Copy for TypedColumn<E, V> {}

/// A condition on rows of `E`.
#[derive(Debug, Clone)]
pub struct Filter<E>(Node, PhantomData<fn() -> E>);

#[derive(Debug, Clone)]
enum Node {
    Compare(usize, Comparison, Value),
    IsNull(usize, bool),
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
}

/// A column and the direction in which it orders rows of `E`.
#[derive(Debug, Clone)]
pub struct OrderBy<E>(Order, PhantomData<fn() -> E>);

/// A Rust value that a column can be compared with.
pub trait IntoValue {
    /// Its GraphQL form, as a client would send it.
    fn into_value(self) -> Value;
}

macro_rules! into_value {
    ($($ty:ty),*) => {$(
        impl IntoValue for $ty {
            fn into_value(self) -> Value {
                Value::from(self)
            }
        }
    )*};
}

into_value!(bool, i16, i32, i64, u64, f32, f64, String);

macro_rules! into_value_text {
    ($($ty:ty),*) => {$(
        impl IntoValue for $ty {
            fn into_value(self) -> Value {
                Value::from(self.to_string())
            }
        }
    )*};
}

into_value_text!(rust_decimal::Decimal, uuid::Uuid, chrono::NaiveDate, chrono::NaiveTime);

impl IntoValue for chrono::DateTime<chrono::Utc> {
    fn into_value(self) -> Value {
        Value::from(self.to_rfc3339())
    }
}

impl IntoValue for chrono::NaiveDateTime {
    fn into_value(self) -> Value {
        Value::from(self.format("%Y-%m-%dT%H:%M:%S%.f").to_string())
    }
}

impl<V: LabelledEnum> IntoValue for V {
    fn into_value(self) -> Value {
        let name = V::TYPE
            .name_of(self.label())
            .expect("invariant: a variant's label is one of its type's");
        Value::Enum(async_graphql_value::Name::new(name))
    }
}

impl<E: Entity, V> TypedColumn<E, V> {
    /// The column with this index in the table's metadata.
    pub const fn new(index: usize) -> Self {
        Self {
            index,
            marker: PhantomData,
        }
    }

    /// The column's place in the table's metadata.
    pub const fn index(self) -> usize {
        self.index
    }

    /// Rows in which the column is null.
    pub fn is_null(self) -> Filter<E> {
        Filter(Node::IsNull(self.index, true), PhantomData)
    }

    /// Rows in which the column is not null.
    pub fn is_not_null(self) -> Filter<E> {
        Filter(Node::IsNull(self.index, false), PhantomData)
    }

    /// Orders rows by the column, smallest first and nulls last.
    pub fn ascending(self) -> OrderBy<E> {
        self.order(Direction::Ascending)
    }

    /// Orders rows by the column, nulls first and then largest first.
    pub fn descending(self) -> OrderBy<E> {
        self.order(Direction::Descending)
    }

    fn order(self, direction: Direction) -> OrderBy<E> {
        let nulls = if direction == Direction::Ascending {
            Nulls::Last
        } else {
            Nulls::First
        };
        let expression = Expression::Column(ColumnRef {
            alias: Alias::MAIN,
            column: self.index,
        });

        OrderBy(
            Order {
                expression,
                direction,
                nulls,
            },
            PhantomData,
        )
    }
}

macro_rules! comparisons {
    ($($name:ident $comparison:ident $text:literal),*) => {$(
        #[doc = $text]
        pub fn $name(self, value: impl Into<V>) -> Filter<E> {
            Filter(Node::Compare(self.index, Comparison::$comparison, value.into().into_value()), PhantomData)
        }
    )*};
}

impl<E: Entity, V: IntoValue> TypedColumn<E, V> {
    comparisons!(
        eq Equal "Rows in which the column is equal to the value.",
        ne NotEqual "Rows in which the column is not equal to the value, and not null.",
        lt Less "Rows in which the column is less than the value.",
        lte LessOrEqual "Rows in which the column is at most the value.",
        gt Greater "Rows in which the column is greater than the value.",
        gte GreaterOrEqual "Rows in which the column is at least the value."
    );
}

impl<E: Entity> TypedColumn<E, String> {
    /// Rows in which the column contains a text, ignoring case.
    pub fn icontains(self, part: impl Into<String>) -> Filter<E> {
        let comparison = Comparison::Contains(plan::Case::Insensitive);
        Filter(
            Node::Compare(self.index, comparison, Value::from(part.into())),
            PhantomData,
        )
    }
}

impl<E: Entity, V: IntoValue> TypedColumn<E, V> {
    /// Rows in which the column is one of the values, which are bound as one parameter.
    pub fn is_in(self, values: impl IntoIterator<Item = impl Into<V>>) -> Filter<E> {
        let values = values.into_iter().map(|value| value.into().into_value()).collect();
        Filter(
            Node::Compare(self.index, Comparison::In, Value::List(values)),
            PhantomData,
        )
    }
}

impl<E: Entity> Filter<E> {
    /// Rows that meet both filters.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(Node::All(vec![self.0, other.0]), PhantomData)
    }

    /// Rows that meet at least one of the filters.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(Node::Any(vec![self.0, other.0]), PhantomData)
    }

    /// The condition, its values added to those of a planner.
    pub fn into_condition(self, builder: &mut PlanBuilder<'_>) -> Condition {
        condition::<E>(self.0, builder)
    }
}

impl<E: Entity> std::ops::Not for Filter<E> {
    type Output = Self;

    fn not(self) -> Self {
        Self(Node::Not(Box::new(self.0)), PhantomData)
    }
}

impl<E> OrderBy<E> {
    /// The order, as plans have it.
    pub fn into_order(self) -> Order {
        self.0
    }
}

fn condition<E: Entity>(node: Node, builder: &mut PlanBuilder<'_>) -> Condition {
    match node {
        Node::Compare(column, comparison, value) => {
            let meta = &E::TABLE.columns[column];
            let parameter = builder.parameter(Parameter {
                kind: ParameterKind::Column(meta.kind),
                list: comparison == Comparison::In,
                source: ParameterSource::Constant(value),
                name: meta.name.into(),
            });
            let expression = Expression::Column(ColumnRef {
                alias: Alias::MAIN,
                column,
            });
            Condition::Compare {
                expression,
                comparison,
                parameter,
            }
        }
        Node::IsNull(column, null) => Condition::IsNull {
            expression: Expression::Column(ColumnRef {
                alias: Alias::MAIN,
                column,
            }),
            null,
        },
        Node::All(list) => Condition::All(list.into_iter().map(|node| condition::<E>(node, builder)).collect()),
        Node::Any(list) => Condition::Any(list.into_iter().map(|node| condition::<E>(node, builder)).collect()),
        Node::Not(inner) => Condition::Not(Box::new(condition::<E>(*inner, builder))),
    }
}

/// The columns of a key: one column, or a tuple of up to four.
pub trait KeyColumns<E> {
    /// Their places in the table's metadata.
    fn indexes(self) -> Vec<usize>;
}

impl<E: Entity, V> KeyColumns<E> for TypedColumn<E, V> {
    fn indexes(self) -> Vec<usize> {
        vec![self.index()]
    }
}

macro_rules! key_columns {
    ($($column:ident: $value:ident),*) => {
        impl<E: Entity, $($value),*> KeyColumns<E> for ($(TypedColumn<E, $value>,)*) {
            fn indexes(self) -> Vec<usize> {
                let ($($column,)*) = self;
                vec![$($column.index()),*]
            }
        }
    };
}

key_columns!(first: A, second: B);
key_columns!(first: A, second: B, third: C);
key_columns!(first: A, second: B, third: C, fourth: D);
