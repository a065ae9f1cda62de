using XenBalloon.Core.Settings;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

internal sealed class ModeTests : CommandTests
{
    [Test]
    public void The_mode_is_set_and_said()
    {
        Control.Respond = () =>
        {
            Server.Publish(Canned.Host with { Mode = BalancerMode.Paused });
            return Task.CompletedTask;
        };

        Assert.That(XenBalloon("mode", "paused"), Is.EqualTo(new Command(0, "mode is paused\n", "")));
        Assert.That(Control.Requests, Is.EqualTo(new[] { "mode Paused" }));
    }

    [Test]
    public void Without_one_the_mode_is_shown()
    {
        Assert.That(XenBalloon("mode"), Is.EqualTo(new Command(0, "mode is active\n", "")));
        Assert.That(Control.Requests, Is.Empty);
    }

    [TestCase("mode", "expected observe, active or paused")]
    [TestCase("policy", "expected fair-share, proportional, shares or static")]
    public void Invalid_word_is_answered_with_the_valid_ones(string command, string expected) =>
        Assert.That(XenBalloon(command, "x"), Is.EqualTo(
            new Command(2, "", $"xenballoon: invalid {command} 'x': {expected}: see 'xenballoon {command} --help'\n")));

    [Test]
    public void A_refusal_is_said_in_the_daemons_words()
    {
        Control.Respond = () => Task.FromException(new InvalidOperationException("not before the first step"));

        Assert.That(XenBalloon("mode", "active"), Is.EqualTo(new Command(1, "", "xenballoon: not before the first step\n")));
    }
}
