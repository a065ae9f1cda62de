using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

internal sealed class SignalTests : CommandTests
{
    [Test]
    public void Ctrl_C_while_the_daemon_takes_its_time_to_answer_ends_the_command_and_is_no_lost_bus()
    {
        using var answer = new ManualResetEventSlim();
        Control.Respond = () => Task.Run(() => answer.Wait());
        using RunningCommand reserve = new(Program, BusEnvironment, "reserve", "64m");
        Eventually.Holds(() => Control.Requests.Count == 1, () => reserve.Output);

        // More than one: the first may come a moment before the wait begins.
        for (int i = 0; i < 10; i++)
        {
            reserve.Interrupt();
            Eventually.Holds(() => !reserve.IsInterruptPending(), () => "it has taken no signal");
        }

        answer.Set();

        Assert.That(reserve.Status(), Is.EqualTo(130), reserve.Output);
        Assert.That(reserve.Output, Does.Not.Contain("no system bus"));
    }
}
