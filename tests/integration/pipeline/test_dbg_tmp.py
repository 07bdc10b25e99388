import importlib.util, pathlib, pytest
from datetime import timedelta
spec = importlib.util.spec_from_file_location("tam", pathlib.Path(__file__).with_name("test_attack_monitor.py")); m = importlib.util.module_from_spec(spec); spec.loader.exec_module(m)
pytestmark = pytest.mark.usefixtures("clean_tables")
async def test_x(pool):
    await m.add_old_market(pool, m.HOME)
    mon = await m.open_monitor(pool)
    pieces = [*m.quiet(m.HOME, range(0, 1_200, 10), 60), *m.jump(m.HOME, 1_200), *m.quiet(m.HOME, range(1_205, 1_440), 44)]
    for made, at in pieces[:200]: mon.take(m.KALSHI, [made], at)
    await mon.open_new(m.BEGAN+timedelta(seconds=1440))
    for made, at in pieces[200:]: mon.take(m.KALSHI, [made], at)
    for s in range(1440, 1700):
        n = await mon.look(m.BEGAN+timedelta(seconds=s))
        w = mon._watched[m.KALSHI, m.HOME].watch
        if s in (1440,1441,1500,1600) or n: print("AT", s, n, w._move.candidate, w._sigma, w._move_volume, w._samples, len(w._window.slots))
        if n: break
    assert 0
