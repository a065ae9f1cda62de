using System.Text.Json;
using XenBalloon.Core;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>Calls every method, as root and as another user.</summary>
internal sealed class MethodTests : SystemBusTests
{
    private static IEnumerable<MethodCase> ReadOnly => MethodTable.All.Where(method => method.Request is null);

    private static IEnumerable<MethodCase> Changing => MethodTable.All.Where(method => method.Request is not null);

    /// <summary>Every error of the daemon with every method that can fail.</summary>
    private static IEnumerable<TestCaseData<MethodCase, ControlError, string>> Refusals =>
        from method in Changing.DistinctBy(method => method.Member)
        from refusal in ControlErrorTests.OfTheDaemon
        let name = $"org.xenballoon.Balloon1.Error.{refusal}"
        select new TestCaseData<MethodCase, ControlError, string>(method, refusal, name);

    [TearDown]
    public void AcceptRequests() => Control.Respond = () => Task.CompletedTask;

    [TestCaseSource(typeof(MethodTable), nameof(MethodTable.All))]
    public void Root_may_call(MethodCase method)
    {
        Command call = Call(method);

        Assert.That((call.Status, call.Output.TrimEnd()), Is.EqualTo((0, method.Output)), call.Error);
        Assert.That(
            Control.Requests, Is.EqualTo(method.Request is { } request ? [request] : Array.Empty<string>()));
    }

    [TestCaseSource(nameof(ReadOnly))]
    public void Any_user_may_call(MethodCase method) =>
        Assert.That(Call(method, unprivileged: true).Output.TrimEnd(), Is.EqualTo(method.Output));

    [TestCaseSource(nameof(Changing))]
    public void Other_users_are_denied_with_a_suggestion_of_sudo(MethodCase method)
    {
        var error = ErrorReply.Of(Call(method, unprivileged: true));

        Assert.That(error, Is.EqualTo(new ErrorReply(
            "org.freedesktop.DBus.Error.AccessDenied",
            $"{method.Member.Name} requires root, but the caller is uid 65534: use sudo")));
        Assert.That(Control.Requests, Is.Empty);
    }

    [TestCaseSource(nameof(Refusals))]
    public void Error_of_the_daemon_reaches_the_caller(MethodCase method, ControlError refusal, string name)
    {
        const string Message = "it cannot be done: do something else";
        Control.Respond = () => Task.FromException(new ControlException(refusal, Message));

        Assert.That(ErrorReply.Of(Call(method)), Is.EqualTo(new ErrorReply(name, Message)));
    }
}

/// <summary>Reads every property, as root and as another user.</summary>
internal sealed class PropertyTests : SystemBusTests
{
    private static IEnumerable<TestCaseData<Member, string>> All =>
        PropertyTable.All.Select(property => new TestCaseData<Member, string>(property.Member, property.Value));

    [TestCaseSource(nameof(All))]
    public void Root_may_read(Member property, string value) =>
        Assert.That(Get(property).Output.TrimEnd(), Is.EqualTo(value));

    [TestCaseSource(nameof(All))]
    public void Any_user_may_read(Member property, string value) =>
        Assert.That(Get(property, unprivileged: true).Output.TrimEnd(), Is.EqualTo(value));
}

/// <summary>Receives every signal, as root and as another user.</summary>
internal sealed class MemberSignalTests : SystemBusTests
{
    private static IEnumerable<TestCaseData<Member, Publication, string[]>> All =>
        from signal in SignalTable.All
        let data = new TestCaseData<Member, Publication, string[]>(signal.Member, signal.Next, signal.Arguments)
        select data.SetArgDisplayNames(signal.Member.Name, string.Join(' ', signal.Arguments));

    [SetUp]
    public void PublishFirst() => Server.Publish(First);

    [TestCaseSource(nameof(All))]
    public void Root_receives(Member signal, Publication next, string[] arguments)
    {
        using var monitor = new BusMonitor(Bus);

        Server.Publish(next);

        JsonElement message = monitor.WaitFor(signal.Name, 1)[0];
        Assert.That(message.GetProperty("path").GetString(), Is.EqualTo("/org/xenballoon/Balloon1"));
        Assert.That(
            message.GetProperty("interface").GetString(),
            Is.EqualTo($"org.xenballoon.Balloon1.{signal.Interface}"));
        JsonElement data = message.GetProperty("payload").GetProperty("data");
        Assert.That(data.EnumerateArray().Select(argument => argument.GetString()), Is.EqualTo(arguments));
    }

    [TestCaseSource(nameof(All))]
    public void Any_user_receives(Member signal, Publication next, string[] arguments)
    {
        using var listener = new UnprivilegedListener(Bus);

        Server.Publish(next);

        listener.WaitFor($"member={signal.Name}");
        foreach (string argument in arguments) listener.WaitFor($"\"{argument}\"");
    }
}
