"""Drives the vendor's V2 library and a V1 client of the registry against the sandbox. See README.md."""

import http.server
import json
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

import iamport
import portone_server_sdk as portone
from portone_server_sdk import common, errors, payment, webhook
from portone_server_sdk.payment import billing_key, payment_schedule

GOOD, DECLINED = "4000111122223333", "4000111122220001"
STEPS = 0


def step(what, holds=True):
    """One thing that was checked."""
    global STEPS
    STEPS += 1
    print(f"ok {STEPS}: {what}" if holds else f"FAILED {STEPS}: {what}")
    if not holds:
        sys.exit(1)


def credential(number):
    return common.CardCredential(
        number=number, expiry_year="29", expiry_month="05",
        birth_or_business_registration_number="880214", password_two_digits="12")


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps the webhooks it gets."""

    got = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        Receiver.got.append((dict(self.headers), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def v2(ready, url):
    client = portone.PaymentClient(secret=ready["v2"]["api_secret"], base_url=ready["url"])
    channel = next(c["key"] for c in ready["v2"]["channels"] if c["pg"] == "KCP_V2" and c["mode"] == "test")
    customer = common.CustomerInput(
        id="cust0042", name=common.CustomerNameInput(full="김하늘"), email="sky@example.com", phone_number="01020003000")
    amount = common.PaymentAmountInput(total=33000)

    def pay(payment_id, number):
        method = payment.InstantPaymentMethodInput(
            card=payment.InstantPaymentMethodInputCard(credential=credential(number)))
        return client.pay_instantly(
            payment_id=payment_id, channel_key=channel, method=method, order_name="정수기 렌탈 3월분",
            customer=customer, amount=amount, currency="KRW", notice_urls=[url])

    step("V2 key-in", pay("py1", GOOD).payment.pg_tx_id != "")
    read = client.get_payment(payment_id="py1")
    step("V2 read", isinstance(read, payment.PaidPayment) and read.amount.paid == 33000)
    step("V2 masked card", read.method.card.number == "400011******3333")
    try:
        pay("py2", DECLINED)
        step("V2 decline", False)
    except errors.PortOneError as error:
        step(f"V2 decline raises {type(error).__name__}", type(error).__name__ == "PgProviderError")
    step("V2 failed payment reads", isinstance(client.get_payment(payment_id="py2"), payment.FailedPayment))
    part = client.cancel_payment(payment_id="py1", reason="고객 요청", amount=11000, current_cancellable_amount=33000)
    step("V2 partial cancel", part.cancellation.total_amount == 11000)
    step("V2 partial reads", isinstance(client.get_payment(payment_id="py1"), payment.PartialCancelledPayment))
    client.cancel_payment(payment_id="py1", reason="고객 요청")
    step("V2 full cancel", isinstance(client.get_payment(payment_id="py1"), payment.CancelledPayment))
    method = billing_key.InstantBillingKeyPaymentMethodInput(
        card=billing_key.InstantBillingKeyPaymentMethodInputCard(credential=credential(GOOD)))
    key = client.billing_key.issue_billing_key(method=method, channel_key=channel, customer=customer).billing_key_info.billing_key
    step("V2 billing key", key.startswith("billing-key-"))
    info = client.billing_key.get_billing_key_info(billing_key=key)
    step("V2 billing key reads", info.methods[0].card.bin == "400011")
    client.pay_with_billing_key(
        payment_id="py3", billing_key=key, order_name="월 구독료", amount=common.PaymentAmountInput(total=9900), currency="KRW")
    step("V2 charge", client.get_payment(payment_id="py3").billing_key == key)
    when = datetime.now(timezone.utc) + timedelta(days=30)
    made = client.payment_schedule.create_payment_schedule(
        payment_id="py4", time_to_pay=when.isoformat(),
        payment=payment_schedule.BillingKeyPaymentScheduleInput(
            billing_key=key, order_name="월 구독료 4월", amount=common.PaymentAmountInput(total=9900), currency="KRW"))
    step("V2 schedule", made.schedule.id != "")
    step("V2 default list hides the future", client.payment_schedule.get_payment_schedules().items == [])
    until = (when + timedelta(days=1)).isoformat()
    page = client.payment_schedule.get_payment_schedules(
        filter=payment_schedule.PaymentScheduleFilterInput(billing_key=key, until=until))
    step("V2 list", [s.payment_id for s in page.items] == ["py4"] and page.page.total_count == 1)
    gone = client.payment_schedule.revoke_payment_schedules(schedule_ids=[made.schedule.id])
    step("V2 revoke", gone.revoked_schedule_ids == [made.schedule.id])
    client.billing_key.delete_billing_key(billing_key=key)
    step("V2 delete key", isinstance(client.billing_key.get_billing_key_info(billing_key=key), billing_key.DeletedBillingKeyInfo))
    step("V2 payments list", client.get_payments().page.total_count == 3)
    events = client.get_all_payment_events_by_cursor()
    step("V2 events", sum(i.payment_event.event_amount for i in events.items) == 9900)
    for _ in range(100):
        if len(Receiver.got) >= 4:
            break
        time.sleep(0.05)
    kinds = sorted(json.loads(body)["type"] for _, body in Receiver.got)
    step(f"V2 webhooks {kinds}", kinds == [
        "Transaction.Cancelled", "Transaction.Failed", "Transaction.Paid", "Transaction.PartialCancelled"])


def v2_signature(ready, url):
    """The vendor's own verifier accepts the signature."""
    import urllib.request

    secret = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcY"
    body = json.dumps({"api": "V2", "mode": "TEST", "url": url, "secrets": [secret]}).encode()
    urllib.request.urlopen(urllib.request.Request(ready["url"] + "/__sandbox/webhooks", data=body, method="POST"))
    Receiver.got.clear()
    client = portone.PaymentClient(secret=ready["v2"]["api_secret"], base_url=ready["url"])
    channel = ready["v2"]["channels"][0]["key"]
    method = payment.InstantPaymentMethodInput(card=payment.InstantPaymentMethodInputCard(credential=credential(GOOD)))
    client.pay_instantly(payment_id="py9", channel_key=channel, method=method, order_name="서명",
                         amount=common.PaymentAmountInput(total=1000), currency="KRW")
    for _ in range(100):
        if Receiver.got:
            break
        time.sleep(0.05)
    headers, raw = Receiver.got[0]
    headers = {name.lower(): value for name, value in headers.items()}
    seen = webhook.verify(secret, raw, headers)
    step("V2 webhook signature verifies", seen.data.payment_id == "py9")


def v1(ready):
    client = iamport.Iamport(ready["v1"]["imp_key"], ready["v1"]["imp_secret"], ready["url"] + "/")
    card = {"card_number": "4000-1111-2222-3333", "expiry": "2029-05", "birth": "880214", "pwd_2digit": "12"}
    paid = client.pay_onetime(merchant_uid="pv1", amount=55000, name="관리비", buyer_name="박서연", pg="nice_v2", **card)
    step("V1 key-in", paid["status"] == "paid" and paid["imp_uid"].startswith("imps_"))
    step("V1 read", client.find(merchant_uid="pv1")["amount"] == 55000)
    step("V1 is_paid", client.is_paid(55000, merchant_uid="pv1"))
    try:
        client.pay_onetime(merchant_uid="pv2", amount=55000, name="관리비", **{**card, "card_number": "4000-1111-2222-0007"})
        step("V1 refusal", False)
    except iamport.Iamport.ResponseError as error:
        step(f"V1 refusal: {error.message}", error.code == -1)
    failed = client.pay_onetime(merchant_uid="pv3", amount=55000, name="관리비", **{**card, "card_number": "4000-1111-2222-0001"})
    step("V1 decline with a row", failed["status"] == "failed")
    part = client.cancel("부분 반품", imp_uid=paid["imp_uid"], amount=20000, checksum=55000)
    step("V1 partial cancel", (part["status"], part["cancel_amount"]) == ("cancelled", 20000))
    try:
        client.cancel("부분 반품", imp_uid=paid["imp_uid"], amount=20000, checksum=55000)
        step("V1 checksum", False)
    except iamport.Iamport.ResponseError:
        step("V1 checksum refuses a repeat")
    whole = client.cancel("전액", imp_uid=paid["imp_uid"])
    step("V1 full cancel", whole["cancel_amount"] == 55000)
    key = client.customer_create(customer_uid="pyu1", customer_name="박서연", **card)
    step("V1 billing key", key["customer_uid"] == "pyu1" and key["card_number"] == "400011******3333")
    again = client.pay_again(customer_uid="pyu1", merchant_uid="pv4", amount=9900, name="구독")
    step("V1 charge", again["customer_uid_usage"] == "payment")
    now = int(time.time())
    items = [{"merchant_uid": f"pvs{n}", "schedule_at": now + n * 86400, "amount": 9900, "name": "구독", "currency": "KRW"}
             for n in (1, 2)]
    step("V1 schedule", len(client.pay_schedule(customer_uid="pyu1", schedules=items)) == 2)
    step("V1 schedule reads", client.pay_schedule_get("pvs1")["schedule_status"] == "scheduled")
    page = client.pay_schedule_get_between(schedule_from=now, schedule_to=now + 30 * 86400)
    step("V1 list", page["total"] == 2)
    gone = client.pay_unschedule(customer_uid="pyu1", merchant_uid=["pvs1"])
    step("V1 revoke", [s["schedule_status"] for s in gone] == ["revoked"])
    client.customer_delete("pyu1")
    try:
        client.customer_get("pyu1")
        step("V1 delete key", False)
    except iamport.Iamport.ResponseError as error:
        step("V1 delete key", error.code == 1)
    step("V1 prepare", client.prepare("pvp", 1000)["amount"] == 1000 and client.prepare_validate("pvp", 1000))


def main():
    receiver = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    sandbox = subprocess.Popen([sys.argv[1], "sandbox", "--parent-stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        ready = json.loads(sandbox.stdout.readline())
        v2(ready, url)
        v2_signature(ready, url)
        v1(ready)
    finally:
        sandbox.stdin.close()
        step("the sandbox ends with its parent", sandbox.wait(10) == 0)
    print(f"all {STEPS} steps passed")


main()
