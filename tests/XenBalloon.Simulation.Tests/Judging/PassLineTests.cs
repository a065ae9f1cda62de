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

    [TestCase("", "'' is no pass line: write [POLICY] METRIC[@GUEST] COMPARISON BOUND, such as 'fair-share slowdown.p99 <= 1.05'")]
    [TestCase("fair-share oom =", "'fair-share oom =' is no pass line: write")]
    [TestCase("a b oom = 0", "'a b oom = 0' is no pass line: write")]
    [TestCase("fair-share oom == 0", "'fair-share oom == 0' compares nothing: use one of <= < >= > =")]
    [TestCase("fair-share oom@ = 0", "'oom@' names no guest after the @")]
    [TestCase("fair-share fairness@web = 0", "'fairness' is known of the whole host only: leave @web out")]
    [TestCase("fair-share speed = 0", "there is no metric 'speed': choose one of slowdown.mean, slowdown.p99, ")]
    [TestCase("oom = 0s", "'0s' is no amount: write a number, a policy, or FACTOR * POLICY")]
    [TestCase("delivered.max = 10k", "'10k' is no amount: write seconds (10, 10s, 2m), a policy, or FACTOR * POLICY")]
    [TestCase("memory.end = 10s", "'10s' is no amount: write MiB or a size (180, 180MiB, 2g), a policy, or FACTOR * POLICY")]
    [TestCase("regret <= NaN%", "'NaN%' is no amount: write a factor (1.05, 5%), a policy, or FACTOR * POLICY")]
    [TestCase("regret <= 0.7 *", "'0.7*' is no amount: write")]
    [TestCase("nobody oom = 0", "there is no policy 'nobody': choose one of fair-share, ")]
    [TestCase("oom <= nobody", "there is no policy 'nobody': choose one of fair-share, ")]
    [TestCase("oom <= 2 * nobody", "there is no policy 'nobody': choose one of fair-share, ")]
    [TestCase("oom <= fair-share", "fair-share is compared with itself: name another policy after the comparison")]
    [TestCase("oom <= 3 + interval", "'+ interval' needs a policy to compare with: write POLICY + interval, or leave it out")]
    [TestCase("regret <= squeezed + interval", "'regret' has no value by seed: leave '+ interval' out")]
    [TestCase("oom < peers", "'peers' and '+ interval' go with <= only: write <= or compare with a policy by name")]
    [TestCase("fairness >= squeezed + interval",
        "'peers' and '+ interval' go with <= only: write <= or compare with a policy by name")]
    public void A_line_that_says_nothing_is_answered_with_what_to_write(string text, string expected)
    {
        bool read = PassLine.TryParse(text, out _, out string? error);
        Assert.That(read, Is.False);
        Assert.That(error, Does.StartWith(expected));
    }

    private static PassLine Parse(string text) =>
        PassLine.TryParse(text, out PassLine? line, out string? error) ? line : throw new AssertionException(error);
}
