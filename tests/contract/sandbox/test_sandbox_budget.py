"""Budgets: what is spent, what is refused, and what the counters say."""

from tests.contract.sandbox.conftest import PREFIX, Sign, Talks


async def test_the_budget_is_400_at_once_then_429_without_retry_after(talks: Talks) -> None:
    talk = talks(events=10, read_rate=200, read_capacity=400)
    answers = [await talk.get("/exchange/status") for _ in range(60)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 10 <= len(refused) <= 20
    assert all(answer.status_code == 200 for answer in answers[:40])
    assert refused[0].json() == {"error": "too many requests"}
    assert "retry-after" not in refused[0].headers
    stats = await talk.stats()
    assert stats["over_budget"] == stats["sent_429"] == len(refused)
    assert stats["tokens_spent"] == 10 * (60 - len(refused))
    assert 400 < stats["max_tokens_per_second"] <= 600
    assert stats["requests"] == {"GET /exchange/status": 60}


async def test_each_key_has_its_own_budget(talks: Talks, sign: Sign) -> None:
    talk = talks(events=10, read_rate=1, read_capacity=20)
    for key in talk.sandbox.keys.all():
        headers = sign(key, "/series")
        codes = [
            (await talk.client.get(PREFIX + "/series", headers=headers)).status_code
            for _ in range(3)
        ]
        assert codes == [200, 200, 429]
    assert (await talk.get("/series")).status_code == 200


async def test_the_balance_has_a_bucket_of_its_own(talks: Talks, sign: Sign) -> None:
    talk = talks(events=10)
    headers = sign(talk.sandbox.keys.all()[0], "/portfolio/balance")
    path = PREFIX + "/portfolio/balance"
    first = await talk.client.get(path, headers=headers)
    assert first.json()["balance_dollars"] == "2500.0000"
    assert (await talk.client.get(path, headers=headers)).status_code == 429


async def test_injected_429s_are_counted_apart(talks: Talks) -> None:
    talk = talks(events=10)
    await talk.put_faults(rate_429={"count": 3})
    codes = [(await talk.get("/series")).status_code for _ in range(5)]
    assert codes == [429, 429, 429, 200, 200]
    stats = await talk.stats()
    assert (stats["sent_429"], stats["over_budget"]) == (3, 0)
    assert stats["faults"] == {"rate_429": 3}


async def test_limits_and_costs_are_published(talks: Talks, sign: Sign) -> None:
    talk = talks(events=10)
    headers = sign(talk.sandbox.keys.all()[0], "/account/limits")
    limits = (await talk.client.get(PREFIX + "/account/limits", headers=headers)).json()
    assert limits["read"] == {"bucket_capacity": 400, "refill_rate": 200}
    costs = await talk.json("/account/endpoint_costs")
    assert costs["default_cost"] == 10
    assert {"GET", "DELETE", "POST"} == {entry["method"] for entry in costs["endpoint_costs"]}
