using System.Text.Json;
using XenBalloon.Core;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

internal sealed class MethodTests : SystemBusTests
{
    private static IEnumerable<MethodCase> Everyones => MethodTable.All.Where(method => method.Asked is null);

    private static IEnumerable<MethodCase> Changing => MethodTable.All.Where(method => method.Asked is not null);

    /// <summary>
    /// Each way of refusing, each method that can be refused: the daemon's message reaches the caller whatever was
    /// asked.
    /// </summary>
    private static IEnumerable<TestCaseData<MethodCase, ControlError, string>> Refusals =>
        from method in Changing.DistinctBy(one => one.Member)
        from refusal in ControlErrorTests.OfTheDaemon
        let name = $"org.xenballoon.Balloon1.Error.{refusal}"
        select new TestCaseData<MethodCase, ControlError, string>(method, refusal, name);

    [TearDown]
    public void Obey() => Control.Answer = () => Task.CompletedTask;

    [TestCaseSource(typeof(MethodTable), nameof(MethodTable.All))]
    public void Root_calls(MethodCase method)
    {
        Command called = Call(method);

        Assert.That((called.Status, called.Output.TrimEnd()), Is.EqualTo((0, method.Answer)), called.Error);
        Assert.That(Control.Asked, Is.EqualTo(method.Asked is { } asked ? [asked] : Array.Empty<string>()));
    }

    [TestCaseSource(nameof(Everyones))]
    public void Anyone_calls(MethodCase method) =>
        Assert.That(Call(method, asNobody: true).Output.TrimEnd(), Is.EqualTo(method.Answer));

    [TestCaseSource(nameof(Changing))]
    public void Anyone_else_is_denied_and_told_to_use_sudo(MethodCase method)
    {
        var refused = ErrorReply.Of(Call(method, asNobody: true));

        Assert.That(refused, Is.EqualTo(new ErrorReply(
            "org.freedesktop.DBus.Error.AccessDenied",
            $"{method.Member.Name} requires root, and was called by uid 65534: use sudo")));
        Assert.That(Control.Asked, Is.Empty);
    }

    [TestCaseSource(nameof(Refusals))]
    public void A_refusal_has_its_name_and_its_remedy(MethodCase method, ControlError refusal, string name)
    {
        const string Message = "it cannot be done: do something else";
        Control.Answer = () => Task.FromException(new ControlException(refusal, Message));

        Assert.That(ErrorReply.Of(Call(method)), Is.EqualTo(new ErrorReply(name, Message)));
    }
}

internal sealed class PropertyTests : SystemBusTests
{
    private static IEnumerable<TestCaseData<Member, string>> All =>
        PropertyTable.All.Select(one => new TestCaseData<Member, string>(one.Member, one.Value));

    [TestCaseSource(nameof(All))]
    public void Root_reads(Member property, string value) =>
        Assert.That(Get(property).Output.TrimEnd(), Is.EqualTo(value));

    [TestCaseSource(nameof(All))]
    public void Anyone_reads(Member property, string value) =>
        Assert.That(Get(property, asNobody: true).Output.TrimEnd(), Is.EqualTo(value));
}

internal sealed class MemberSignalTests : SystemBusTests
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
        using var listener = new UnprivilegedListener(Bus);

        Server.Publish(next);

        listener.WaitFor($"member={signal.Name}");
        foreach (string argument in arguments) listener.WaitFor($"\"{argument}\"");
    }
}
