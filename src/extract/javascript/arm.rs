//! Arms of conditions: which code is not reached from where.

use oxc_ast::ast::{Statement, SwitchStatement};
use oxc_span::Span;

use super::lowering::Lowering;
use crate::facts::program::{Arm, Expr, NodeId, When};

/// Statements in statements that are looked into.
const DEPTH: usize = 16;

/// Whether a statement always ends its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// Code behind it may be reached.
    No,
    /// It throws on some way, which a `catch` around it may stop.
    Throws,
    /// It returns.
    Returns,
}

/// What is known of an arm.
pub struct Way {
    /// Whether it always ends its function.
    pub leaves: Leaves,
    /// Where the other arms end, which are not reached from it.
    pub others: Option<u32>,
    /// What leads into it.
    pub when: Option<When>,
}

/// One of these comparisons leads into an arm, where there are any.
pub fn one(tests: &[NodeId]) -> Option<When> {
    (!tests.is_empty()).then(|| When::One(tests.into()))
}

/// None of these comparisons holds, where there are any.
pub fn none(tests: &[NodeId]) -> Option<When> {
    (!tests.is_empty()).then(|| When::None(tests.into()))
}

impl<'a> Lowering<'a> {
    /// Reads an arm of a condition.
    pub fn arm<T>(&mut self, span: Span, way: Way, read: impl FnOnce(&mut Self) -> T) -> T {
        let skips_until = match way.leaves {
            Leaves::Returns => u32::MAX,
            Leaves::Throws => THROWN,
            Leaves::No => way.others.unwrap_or(span.end),
        };
        let outer = self.around.arm;
        self.around.arm = Some(self.module.arms.len() as u32);
        self.module.arms.push(Arm { start: span.start, end: span.end, skips_until, outer, when: way.when });
        let read = read(self);
        self.around.arm = outer;
        read
    }

    /// True for a comparison of two values.
    pub fn is_comparison(&self, test: NodeId) -> bool {
        matches!(self.expr(test), Expr::Binary { operator: "===" | "==" | "!==" | "!=", .. })
    }

    /// The cases of a `switch` about `asked`.
    pub fn cases(&mut self, it: &'a SwitchStatement<'a>, asked: NodeId) {
        let (mut all, mut here): (Vec<NodeId>, Vec<NodeId>) = (Vec::new(), Vec::new());
        // `default:` is entered from the cases that fall into it as well.
        let mut others = false;
        for case in &it.cases {
            match &case.test {
                Some(test) => {
                    let right = self.expression(test);
                    let test = self.push(Expr::Binary { operator: "===", left: asked, right }, case.span);
                    here.push(test);
                }
                None => others = true,
            }
            let when = match others {
                true => none(&all),
                false => one(&here),
            };
            let leaves = leaves_in(&case.consequent, DEPTH);
            let breaks = breaks(&case.consequent, DEPTH);
            let way = Way { leaves, others: breaks.then_some(it.span.end), when };
            self.arm(case.span, way, |this| this.statements(&case.consequent));
            if leaves != Leaves::No || breaks {
                all.append(&mut here);
                others = false;
            }
        }
    }

    /// What is thrown in the arms since `first` is caught at `end`, and the code goes on there.
    pub fn caught(&mut self, first: usize, end: u32) {
        for arm in self.module.arms.iter_mut().skip(first).filter(|arm| arm.skips_until == THROWN) {
            arm.skips_until = end;
        }
    }
}

/// Where an arm that throws leads to while no `catch` around it was seen: out of the function.
const THROWN: u32 = u32::MAX - 1;

/// Whether a statement always ends its function.
pub fn leaves(statement: &Statement<'_>) -> Leaves {
    leaves_at(statement, DEPTH)
}

fn leaves_at(statement: &Statement<'_>, depth: usize) -> Leaves {
    let Some(below) = depth.checked_sub(1) else { return Leaves::No };
    match statement {
        Statement::ReturnStatement(_) => Leaves::Returns,
        Statement::ThrowStatement(_) => Leaves::Throws,
        Statement::BlockStatement(it) => leaves_in(&it.body, below),
        Statement::IfStatement(it) => {
            let Some(other) = &it.alternate else { return Leaves::No };
            both(leaves_at(&it.consequent, below), leaves_at(other, below))
        }
        Statement::TryStatement(it) => {
            let tried = leaves_in(&it.block.body, below);
            match &it.handler {
                Some(handler) => both(tried, leaves_in(&handler.body.body, below)),
                None => tried,
            }
        }
        _other => Leaves::No,
    }
}

fn leaves_in(statements: &[Statement<'_>], depth: usize) -> Leaves {
    let all = statements.iter().map(|statement| leaves_at(statement, depth));
    all.into_iter().find(|leaves| *leaves != Leaves::No).unwrap_or(Leaves::No)
}

fn both(one: Leaves, other: Leaves) -> Leaves {
    match (one, other) {
        (Leaves::No, _) | (_, Leaves::No) => Leaves::No,
        (Leaves::Returns, Leaves::Returns) => Leaves::Returns,
        (Leaves::Throws, _) | (_, Leaves::Throws) => Leaves::Throws,
    }
}

fn breaks(statements: &[Statement<'_>], depth: usize) -> bool {
    match (statements.last(), depth.checked_sub(1)) {
        (Some(Statement::BreakStatement(it)), _) => it.label.is_none(),
        (Some(Statement::BlockStatement(it)), Some(below)) => breaks(&it.body, below),
        _other => false,
    }
}
