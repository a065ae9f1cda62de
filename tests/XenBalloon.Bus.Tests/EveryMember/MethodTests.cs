using XenBalloon.Bus.Tests.OnPrivateBus;

namespace XenBalloon.Bus.Tests.EveryMember;

internal sealed class MethodTests : SystemBusTests
{
    private static IEnumerable<MethodCase> Everyones => MethodTable.All.Where(method => method.Asked is null);

    private static IEnumerable<MethodCase> Changing => MethodTable.All.Where(method => method.Asked is not null);

    /// <summary>Each way of refusing, each method that can be refused: the daemon's word reaches the caller whatever was asked.</summary>
    private static IEnumerable<TestCaseData<MethodCase, ControlRefusal, string>> Refusals =>
        from method in Changing.DistinctBy(one => one.Member)
        from refusal in Enum.GetValues<ControlRefusal>()
        select new TestCaseData<MethodCase, ControlRefusal, string>(method, refusal, $"org.xenballoon.Balloon1.Error.{refusal}");

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
    public void Anyone_calls(MethodCase method) => Assert.That(Call(method, asNobody: true).Output.TrimEnd(), Is.EqualTo(method.Answer));

    [TestCaseSource(nameof(Changing))]
    public void Anyone_else_is_denied_and_told_to_use_sudo(MethodCase method)
    {
        var refused = ErrorReply.Of(Call(method, asNobody: true));

        Assert.That(refused, Is.EqualTo(new ErrorReply(
            "org.freedesktop.DBus.Error.AccessDenied", $"{method.Member.Name} is for root only, and was called by uid 65534: use sudo")));
        Assert.That(Control.Asked, Is.Empty);
    }

    [TestCaseSource(nameof(Refusals))]
    public void A_refusal_has_its_name_and_its_remedy(MethodCase method, ControlRefusal refusal, string name)
    {
        Control.Answer = () => Task.FromException(new ControlRefusedException(refusal, "it cannot be done: do something else"));

        Assert.That(ErrorReply.Of(Call(method)), Is.EqualTo(new ErrorReply(name, "it cannot be done: do something else")));
    }
}
