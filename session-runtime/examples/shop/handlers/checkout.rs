//! The checkout: three pages whose entries are kept in the session, so that a visitor can leave and come back.
//!
//! `update` keeps the time at which the field ends, so all entries are forgotten half an hour after the first one.

use std::time::SystemTime;

use axum::Form;
use axum::response::{IntoResponse, Redirect, Response};
use session_runtime::Session;

use crate::cart::Cart;
use crate::catalogue::Product;
use crate::checkout::{Address, Delivery, Step};
use crate::error::AppError;
use crate::frame::Frame;
use crate::pages;
use crate::schema::{Flash, Order, OrderLine, Shop};

/// Goes on where the visitor left.
pub(super) async fn resume(session: Session<Shop>) -> Result<Redirect, AppError> {
    let checkout = session.checkout().await?.unwrap_or_default();
    Ok(Redirect::to(checkout.next_step().path()))
}

pub(super) async fn address(session: Session<Shop>, frame: Frame) -> Result<Response, AppError> {
    if session.cart().await?.is_empty() {
        return Ok(to_cart());
    }
    let checkout = session.checkout().await?.unwrap_or_default();
    Ok(pages::checkout::address(&frame, checkout.address.as_ref()).into_response())
}

pub(super) async fn send_address(session: Session<Shop>, Form(address): Form<Address>) -> Result<Redirect, AppError> {
    let next = if address.errors().is_empty() { Step::Delivery } else { Step::Address };
    // The closure may run again when another tab changes the field at the same time, so it clones what it stores.
    session.update_checkout(|checkout| checkout.get_or_insert_default().address = Some(address.clone())).await?;
    Ok(Redirect::to(next.path()))
}

pub(super) async fn delivery(session: Session<Shop>, frame: Frame) -> Result<Response, AppError> {
    if session.cart().await?.is_empty() {
        return Ok(to_cart());
    }
    let checkout = session.checkout().await?.unwrap_or_default();
    if checkout.next_step() == Step::Address {
        return Ok(Redirect::to(Step::Address.path()).into_response());
    }
    Ok(pages::checkout::delivery(&frame, checkout.delivery.as_ref()).into_response())
}

pub(super) async fn send_delivery(
    session: Session<Shop>,
    Form(delivery): Form<Delivery>,
) -> Result<Redirect, AppError> {
    let next = if delivery.errors().is_empty() { Step::Review } else { Step::Delivery };
    session.update_checkout(|checkout| checkout.get_or_insert_default().delivery = Some(delivery.clone())).await?;
    Ok(Redirect::to(next.path()))
}

pub(super) async fn review(session: Session<Shop>, frame: Frame) -> Result<Response, AppError> {
    let cart = session.cart().await?;
    if cart.is_empty() {
        return Ok(to_cart());
    }
    let checkout = session.checkout().await?.unwrap_or_default();
    Ok(match checkout.complete() {
        Some((address, delivery)) => pages::checkout::review(&frame, &cart, address, delivery).into_response(),
        None => Redirect::to(checkout.next_step().path()).into_response(),
    })
}

pub(super) async fn place_order(session: Session<Shop>) -> Result<Redirect, AppError> {
    let checkout = session.checkout().await?.unwrap_or_default();
    let Some((address, delivery)) = checkout.complete() else {
        return Ok(Redirect::to(checkout.next_step().path()));
    };
    // However often the button is pressed, `take` gives the cart to one request only: nothing is ordered twice.
    let cart = session.take_cart().await?.unwrap_or_default();
    if cart.is_empty() {
        session.set_flash(Flash::Problem("Your cart is empty: perhaps you have ordered already.".into())).await?;
        return Ok(Redirect::to("/cart"));
    }
    let order = order(&cart, address, delivery);
    let number = session.update_orders(|orders| append(orders, &order)).await?;
    session.remove_checkout().await?;
    session.set_flash(Flash::Done("Thank you! Your order is placed.".into())).await?;
    Ok(Redirect::to(&format!("/orders/{number}")))
}

fn order(cart: &Cart, address: &Address, delivery: &Delivery) -> Order {
    let line = |(product, quantity): (&Product, u32)| OrderLine {
        name: product.name.to_owned(),
        quantity,
        price: product.price.times(quantity),
    };
    Order {
        number: 0,
        placed: SystemTime::now(),
        lines: cart.lines().map(line).collect(),
        address: address.clone(),
        delivery: delivery.clone(),
        total: cart.total() + delivery.price(),
    }
}

/// Numbers the order and puts it behind the others.
fn append(orders: &mut Vec<Order>, order: &Order) -> usize {
    let number = orders.len() + 1;
    orders.push(Order { number, ..order.clone() });
    number
}

fn to_cart() -> Response {
    Redirect::to("/cart").into_response()
}
