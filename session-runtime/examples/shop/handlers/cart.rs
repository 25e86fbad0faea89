//! The cart. Every change is an `update`, which is atomic: two tabs that add at once both get what they added.

use axum::Form;
use axum::response::{Html, Redirect};
use serde::Deserialize;
use session_runtime::Session;

use crate::catalogue::{self, Product};
use crate::error::AppError;
use crate::frame::Frame;
use crate::pages;
use crate::schema::{Flash, Shop};

/// So many of a product.
#[derive(Deserialize)]
pub(super) struct Quantity {
    product: String,
    quantity: u32,
}

/// A product, by its slug.
#[derive(Deserialize)]
pub(super) struct Which {
    product: String,
}

pub(super) async fn show(session: Session<Shop>, frame: Frame) -> Result<Html<String>, AppError> {
    let cart = session.cart().await?;
    Ok(pages::cart::show(&frame, &cart))
}

pub(super) async fn add(session: Session<Shop>, Form(form): Form<Quantity>) -> Result<Redirect, AppError> {
    let product = find(&form.product)?;
    session.update_cart(|cart| cart.add(product, form.quantity)).await?;
    back_to_cart(&session, format!("{} is in your cart.", product.name)).await
}

pub(super) async fn change(session: Session<Shop>, Form(form): Form<Quantity>) -> Result<Redirect, AppError> {
    let product = find(&form.product)?;
    session.update_cart(|cart| cart.set(product, form.quantity)).await?;
    back_to_cart(&session, format!("{}: the quantity is changed.", product.name)).await
}

pub(super) async fn remove(session: Session<Shop>, Form(form): Form<Which>) -> Result<Redirect, AppError> {
    let product = find(&form.product)?;
    session.update_cart(|cart| cart.set(product, 0)).await?;
    back_to_cart(&session, format!("{} is removed.", product.name)).await
}

fn find(slug: &str) -> Result<&'static Product, AppError> {
    catalogue::product(slug).ok_or(AppError::NotFound)
}

async fn back_to_cart(session: &Session<Shop>, message: String) -> Result<Redirect, AppError> {
    session.set_flash(Flash::Done(message)).await?;
    Ok(Redirect::to("/cart"))
}
