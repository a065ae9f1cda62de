using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class PassLineTests
{
    [TestCase("fair-share slowdown.p99 <= 1.05")]
    [TestCase("fair-share oom = 0")]
    [TestCase("qmemman delivered.max < 10")]
    [TestCase("fair-share slowdown.mean <= 0.7 * static")]
    [TestCase("fair-share slowdown.mean@web1 < static")]
    [TestCase("fair-share received@honest >= 0.99")]
    [TestCase("esx memory.end@idle > 170")]
    [TestCase("fair-share oom <= squeezed + interval")]
    [TestCase("fair-share oom <= 1.5 * squeezed + interval")]
    [TestCase("fair-share hoarding.amount <= peers + interval")]
    [TestCase("fair-share oom <= peers")]
    public void A_line_is_written_as_it_is_read(string text) => Assert.That(Parse(text).ToString(), Is.EqualTo(text));

    [TestCase("oom = 0", "fair-share oom = 0")]
    [TestCase("  oom   =   0 ", "fair-share oom = 0")]
    [TestCase("delivered.max <= 2m", "fair-share delivered.max <= 120")]
    [TestCase("delivered.max <= 500ms", "fair-share delivered.max <= 0.5")]
    [TestCase("delivered.max <= 10 s", "fair-share delivered.max <= 10")]
    [TestCase("memory.end <= 2g", "fair-share memory.end <= 2048")]
    [TestCase("regret <= 10%", "fair-share regret <= 0.1")]
    [TestCase("slowdown.mean <= 1 * static", "fair-share slowdown.mean <= static")]
    public void The_policy_and_units_may_be_left_to_the_line(string text, string meant) => Assert.That(Parse(text).ToString(), Is.EqualTo(meant));

    [TestCase("", "invalid pass line '': expected [POLICY] METRIC[@GUEST] COMPARISON BOUND, such as 'fair-share slowdown.p99 <= 1.05'")]
    [TestCase("fair-share oom =", "invalid pass line 'fair-share oom =': expected")]
    [TestCase("a b oom = 0", "invalid pass line 'a b oom = 0': expected")]
    [TestCase("fair-share oom == 0", "'fair-share oom == 0' has no comparison: use one of <= < >= > =")]
    [TestCase("fair-share oom@ = 0", "'oom@' has no guest name after the @")]
    [TestCase("fair-share fairness@web = 0", "'fairness' applies only to the whole host: remove @web")]
    [TestCase("fair-share speed = 0", "unknown metric 'speed': expected one of slowdown.mean, slowdown.p99, ")]
    [TestCase("oom = 0s", "invalid amount '0s': expected a number, a policy, or FACTOR * POLICY")]
    [TestCase("delivered.max = 10k", "invalid amount '10k': expected seconds (10, 10s, 2m), a policy, or FACTOR * POLICY")]
    [TestCase("memory.end = 10s", "invalid amount '10s': expected MiB or a size (180, 180MiB, 2g), a policy, or FACTOR * POLICY")]
    [TestCase("regret <= NaN%", "invalid amount 'NaN%': expected a factor (1.05, 5%), a policy, or FACTOR * POLICY")]
    [TestCase("regret <= 0.7 *", "invalid amount '0.7*': expected")]
    [TestCase("nobody oom = 0", "unknown policy 'nobody': expected one of fair-share, ")]
    [TestCase("oom <= nobody", "unknown policy 'nobody': expected one of fair-share, ")]
    [TestCase("oom <= 2 * nobody", "unknown policy 'nobody': expected one of fair-share, ")]
    [TestCase("oom <= fair-share", "fair-share is compared with itself: name another policy after the comparison")]
    [TestCase("oom <= 3 + interval", "'+ interval' needs a policy: write POLICY + interval, or remove it")]
    [TestCase("regret <= squeezed + interval", "'regret' has no value for each seed: remove '+ interval'")]
    [TestCase("oom < peers", "'peers' and '+ interval' require <=: use <= or name a policy to compare with")]
    [TestCase("fairness >= squeezed + interval",
        "'peers' and '+ interval' require <=: use <= or name a policy to compare with")]
    public void A_line_that_says_nothing_is_answered_with_what_to_write(string text, string expected)
    {
        bool read = PassLineParser.TryParse(text, out _, out string? error);
        Assert.That(read, Is.False);
        Assert.That(error, Does.StartWith(expected));
    }

    private static PassLine Parse(string text) =>
        PassLineParser.TryParse(text, out PassLine? line, out string? error) ? line : throw new AssertionException(error);
}
