using System.Text.Json;
using XenBalloon.Core;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests.EveryMember;

internal sealed class SignalTests : SystemBusTests
{
    private static IEnumerable<TestCaseData<Member, Publication, string[]>> All =>
        from one in SignalTable.All
        let data = new TestCaseData<Member, Publication, string[]>(one.Member, one.Next, one.Arguments)
        select data.SetArgDisplayNames(one.Member.Name, string.Join(' ', one.Arguments));

    [SetUp]
    public void Begin() => Server.Publish(First);

    [TestCaseSource(nameof(All))]
    public void Root_hears(Member signal, Publication next, string[] arguments)
    {
        using var monitor = new BusMonitor(Bus);

        Server.Publish(next);

        JsonElement told = monitor.WaitFor(signal.Name, 1)[0];
        Assert.That(told.GetProperty("path").GetString(), Is.EqualTo("/org/xenballoon/Balloon1"));
        Assert.That(
            told.GetProperty("interface").GetString(),
            Is.EqualTo($"org.xenballoon.Balloon1.{signal.Interface}"));
        JsonElement data = told.GetProperty("payload").GetProperty("data");
        Assert.That(data.EnumerateArray().Select(argument => argument.GetString()), Is.EqualTo(arguments));
    }

    [TestCaseSource(nameof(All))]
    public void Anyone_hears(Member signal, Publication next, string[] arguments)
    {
        using var listener = new NobodysListener(Bus);

        Server.Publish(next);

        listener.WaitFor($"member={signal.Name}");
        foreach (string argument in arguments) listener.WaitFor($"\"{argument}\"");
    }
}
