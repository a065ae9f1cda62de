using XenBalloon.Bus.Server;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>Authorization by polkit.</summary>
internal sealed class PolkitTests : SystemBusTests
{
    private const string Denied = "org.freedesktop.DBus.Error.AccessDenied";
    private const string NoInteraction = "--allow-interactive-authorization=no";

    private static readonly MethodCase Reload = MethodTable.All.Single(method => method.Member.Name == "Reload");

    private static readonly Member Mode = new("Manager", "property", "Mode");

    private FakePolkit polkit = null!;

    private static IEnumerable<MethodCase> Changing => MethodTable.All.Where(method => method.Request is not null);

    protected override string Policy => PrivateBus.SystemPolicy + """
        <policy user="root"><allow own="org.freedesktop.PolicyKit1"/></policy>
        <policy context="default"><allow send_destination="org.freedesktop.PolicyKit1"/></policy>
        """;

    protected override TimeSpan? PolkitTimeout => TimeSpan.FromMilliseconds(300);

    [SetUp]
    public void StartPolkit() => polkit = new FakePolkit(Bus);

    [TearDown]
    public void StopPolkit() => polkit.Dispose();

    [TestCaseSource(nameof(Changing))]
    public void Authorized_caller_may_make_changes_after_a_check_of_the_right_action(MethodCase method)
    {
        polkit.Reply = PolkitReply.Yes;

        Command call = Call(method, unprivileged: true);

        Assert.That((call.Status, call.Output.TrimEnd()), Is.EqualTo((0, method.Output)), call.Error);
        Assert.That(Control.Requests, Is.EqualTo(new[] { method.Request }));
        Assert.That(polkit.Checks, Has.Count.EqualTo(1));
        PolkitCheck check = polkit.Checks.First();
        Assert.That(
            check with { Subject = "", Cancellation = "" },
            Is.EqualTo(new PolkitCheck("system-bus-name", "", Action(method.Member), AllowInteraction: true, "")));
        Assert.That(call.Error, Does.Contain($"destination={check.Subject} "), "the subject is the caller");
    }

    [TestCaseSource(nameof(Changing))]
    public void Denied_caller_may_not_make_changes(MethodCase method)
    {
        polkit.Reply = PolkitReply.No;

        Assert.That(
            ErrorReply.Of(Call(method, unprivileged: true)),
            Is.EqualTo(Refusal(method, $"use sudo, or allow it in polkit's rules ({Action(method.Member)})")));
        Assert.That(Control.Requests, Is.Empty);
    }

    [Test]
    public void Error_for_a_caller_that_forbids_interaction_suggests_allowing_it()
    {
        polkit.Reply = PolkitReply.Challenge;

        Assert.That(
            ErrorReply.Of(Call(Reload, unprivileged: true, NoInteraction)),
            Is.EqualTo(Refusal(Reload, "use sudo, or let polkit ask for a password (pkttyagent)")));
        Assert.That(polkit.Checks.Single().AllowInteraction, Is.False);
    }

    [TestCase(PolkitReply.No)]
    [TestCase(PolkitReply.Pending)]
    [TestCase(PolkitReply.Error)]
    public void Root_is_authorized_without_a_check(PolkitReply reply)
    {
        polkit.Reply = reply;

        Assert.That(Changing.Select(method => Call(method).Status), Is.All.Zero);
        Assert.That(polkit.Checks, Is.Empty);
    }

    [Test]
    public void Pending_check_does_not_delay_other_calls()
    {
        polkit.Reply = PolkitReply.Pending;
        Task<Command>[] waiting =
            [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => Call(Reload, unprivileged: true)))];
        Eventually.Holds(() => polkit.Checks.Count == waiting.Length, () => "no check");

        Assert.That(Get(Mode, unprivileged: true).Status, Is.Zero);
        Assert.That(Call(Reload).Status, Is.Zero, "root does not wait");
        Assert.That(Control.Requests, Has.Count.EqualTo(1));
        Assert.That(waiting.Select(call => call.IsCompleted), Is.All.False);

        polkit.ReplyToAll(PolkitReply.Yes);
        Assert.That(Task.WhenAll(waiting).Result.Select(call => call.Status), Is.All.Zero);
        Assert.That(Control.Requests, Has.Count.EqualTo(1 + waiting.Length));
    }

    [Test]
    public void Check_without_a_reply_denies_and_is_cancelled()
    {
        polkit.Reply = PolkitReply.Pending;

        AssertCheckFailed(Call(Reload, unprivileged: true, NoInteraction));
        Eventually.Holds(
            () => polkit.Cancelled.SequenceEqual([polkit.Checks.Single().Cancellation]),
            () => "the check was not cancelled");
        polkit.ReplyToAll(PolkitReply.Yes);

        Assert.That(Get(Mode).Status, Is.Zero);
        Assert.That(Control.Requests, Is.Empty, "a late reply is ignored");
    }

    [Test]
    public void Exit_of_polkit_during_a_check_denies()
    {
        polkit.Reply = PolkitReply.Pending;
        Task<Command> waiting = Task.Run(() => Call(Reload, unprivileged: true));
        Eventually.Holds(() => !polkit.Checks.IsEmpty, () => "no check");

        polkit.Dispose();

        AssertCheckFailed(waiting.Result);
        polkit = new FakePolkit(Bus);
        Assert.That(Call(Reload, unprivileged: true).Status, Is.Zero, "the next polkit is used");
    }

    [TestCase(PolkitReply.Error)]
    [TestCase(PolkitReply.WrongType)]
    [TestCase(PolkitReply.Truncated)]
    public void Error_or_malformed_reply_denies(PolkitReply reply)
    {
        polkit.Dispose();
        polkit = new FakePolkit(Bus, reply);

        AssertCheckFailed(Call(Reload, unprivileged: true));

        Assert.That(polkit.Checks, Has.Count.EqualTo(1));
        Assert.That(Control.Requests, Is.Empty);
        Assert.That(Get(Mode).Status, Is.Zero);
    }

    [Test]
    public void Pending_checks_of_a_user_are_limited_and_do_not_delay_others()
    {
        polkit.Reply = PolkitReply.Pending;
        using var flood = new RawClient(Bus, 65534);
        Task[] calls = [.. Enumerable.Range(0, 40).Select(_ => ReloadAsync(flood))];
        Eventually.Holds(() => calls.Count(call => call.IsCompleted) >= 8, () => "none was denied");

        Assert.That(polkit.Checks, Has.Count.LessThanOrEqualTo(32));
        Assert.That(
            calls.Select(call => call.Exception?.InnerException?.Message).Where(message => message is not null),
            Has.Some.Contains("uid 65534 has 32 calls waiting for polkit"));
        Assert.That(Call(Reload).Status, Is.Zero, "root does not wait");
    }

    [Test]
    public void Stopping_the_server_cancels_checks()
    {
        using var bus = new PrivateBus(Policy + ShippedFiles.Policy);
        using var authority = new FakePolkit(bus, PolkitReply.Pending);
        using var caller = new RawClient(bus, 65534);
        BusServer server = BusServer.Start(new BusOptions { Address = bus.Address }, Control, First);
        _ = ReloadAsync(caller);
        Eventually.Holds(() => !authority.Checks.IsEmpty, () => "no check");

        server.Dispose();

        Eventually.Holds(
            () => authority.Cancelled.SequenceEqual([authority.Checks.Single().Cancellation]),
            () => "the check was not cancelled");
    }

    [Test]
    public void Without_polkit_only_root_is_authorized()
    {
        polkit.Dispose();

        Assert.That(ErrorReply.Of(Call(Reload, unprivileged: true)), Is.EqualTo(Refusal(Reload, "use sudo")));
        Assert.That(Call(Reload).Status, Is.Zero);
        polkit = new FakePolkit(Bus);
    }

    private static Task ReloadAsync(RawClient caller) =>
        caller.CallAsync("/org/xenballoon/Balloon1", "org.xenballoon.Balloon1.Manager", "Reload");

    private static void AssertCheckFailed(Command denied)
    {
        var error = ErrorReply.Of(denied);
        Assert.That(error.Name, Is.EqualTo(Denied));
        Assert.That(
            error.Message,
            Does.StartWith("polkit did not check the authorization (").And.EndWith("): try again, or use sudo"));
    }

    private static ErrorReply Refusal(MethodCase method, string remedy) =>
        new(Denied, $"{method.Member.Name} requires root, but the caller is uid 65534: {remedy}");

    private static string Action(Member member) => (member.Interface, member.Name) switch
    {
        ("Domain", _) => "org.xenballoon.Balloon1.set-domain",
        ("Reservation", _) or (_, "Reserve") => "org.xenballoon.Balloon1.reserve",
        _ => "org.xenballoon.Balloon1.set-host",
    };
}
