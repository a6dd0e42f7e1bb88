"""A pickup or an order as a row of its export, before anything odd happens to it. Pure.

By canonical header.
"""

from datetime import date

from demo.portal import names
from demo.portal.figures import MonthToDate, is_converted
from demo.portal.world import Order, Pickup

#: Pickup ids are unique over all stores: each store counts in steps of this, from its own place in
#: the chain.
PICKUP_NUMBERS_APART = 4096

Row = dict[str, str]


def pickup_row(view: MonthToDate, pickup: Pickup) -> Row:
    store = view.store
    return {
        "id": str(pickup.number * PICKUP_NUMBERS_APART + store.index),
        "mobile_number": names.mobile(store.index, pickup.customer),
        "pickup_no": f"P{pickup.number}",
        "pickup_created_date": pickup.created_on.isoformat(),
        "pickup_created_time": pickup.created_time,
        "store_code": store.code,
        "store_name": store.name,
        "pickup_date": pickup.pickup_on.isoformat(),
        "pickup_time": pickup.slot,
        "customer_name": names.person_name(pickup.customer),
        "special_instruction": pickup.instruction,
        "source": pickup.source,
        "final_source": pickup.source,
        "customer_type": "New" if pickup.is_new else "Existing",
        "is_order_placed": "1" if is_converted(pickup, view.on) else "0",
    }


def order_row(view: MonthToDate, order: Order) -> Row:
    store = view.store
    return {
        "order_no": f"T{order.number}",
        "order_date": order.ordered_on.isoformat(),
        "store_code": store.code,
        "store_name": store.name,
        "taxable_amount": f"{order.taxable_paise / 100:.2f}",
        "net_amount": f"{order.net_paise / 100:.2f}",
        "service_code": order.service,
        "mobile_no": names.mobile(store.index, order.customer),
        "status": "Delivered" if order.is_delivered(view.on) else "In Process",
        "customer_id": f"C{store.index}-{order.customer}",
        "expected_deliver_on": order.expected_on.isoformat(),
        "actual_deliver_on": _known_delivery(order, view.on) or "",
    }


def non_package_row(view: MonthToDate, order: Order) -> Row:
    return {
        "Store Code": view.store.code,
        "Store Name": view.store.name,
        "Mobile No": names.mobile(view.store.index, order.customer),
        "Taxable Amount": f"{order.taxable_paise / 100:.2f}",
        "Order Date": f"{order.ordered_on.isoformat()} {order.ordered_time}",
        "Expected Delivery Date": order.expected_on.isoformat(),
        "Actual Delivery Date": _known_delivery(order, view.on) or "N/A",
    }


def _known_delivery(order: Order, on: date) -> str | None:
    return order.delivered_on.isoformat() if order.delivered_on and order.is_delivered(on) else None
