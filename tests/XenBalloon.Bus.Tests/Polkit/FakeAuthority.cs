using XenBalloon.Bus.Definitions;
using XenBalloon.Bus.SdBus;
using XenBalloon.Bus.SdBus.Native;

namespace XenBalloon.Bus.Tests.Polkit;

/// <summary>polkit's object, which answers as it is told to. Lives on its connection's thread.</summary>
internal sealed unsafe class FakeAuthority(SdBusConnection connection, NativeTable table, FakePolkit owner)
    : ExportedObject(connection, "/org/freedesktop/PolicyKit1/Authority", InterfaceOfPolkit, table)
{
    private const string InterfaceOfPolkit = "org.freedesktop.PolicyKit1.Authority";

    private readonly List<Message> waiting = [];

    /// <summary>As polkit describes itself: <c>CheckAuthorization((sa{sv}) subject, s action, a{ss} details, u flags, s cancellation) → (bba{ss})</c>.</summary>
    /// <param name="result">Another result: sd-bus sends none but what was described.</param>
    internal static BusInterface<int> Describe(string result) => new(
        InterfaceOfPolkit,
        [
            new(
                "CheckAuthorization",
                [new("subject", "(sa{sv})"), new("action_id", "s"), new("details", "a{ss}"), new("flags", "u"), new("cancellation_id", "s")],
                new("result", result),
                (_, _) => Task.FromResult<BusValue?>(null)),
        ],
        []);

    internal override void Invoke(Message call)
    {
        call.EnterContainer('r', "sa{sv}");
        string kind = call.Read(BusValue.String).AsText();
        string subject = call.Read(BusValue.Options).Entries["name"].AsText();
        Checked.Result(LibSystemd.sd_bus_message_exit_container(call));
        string action = call.Read(BusValue.String).AsText();
        call.ReadArray("{ss}", () => throw new NotSupportedException("we give no details"));
        owner.Asked.Enqueue(new PolkitQuestion(kind, subject, action, call.Read(BusValue.UInt32).Number == 1));
        if (owner.Mood == PolkitMood.Silent) waiting.Add(call);
        else Answer(call, owner.Mood);
    }

    internal override void AppendProperty(byte* property, Message reply) => throw new NotSupportedException("it has none");

    /// <summary>Answers all that wait.</summary>
    internal void AnswerAll(PolkitMood mood)
    {
        foreach (Message call in waiting) Answer(call, mood);
        waiting.Clear();
    }

    private static void Answer(Message call, PolkitMood mood)
    {
        using Message answered = call;
        switch (mood)
        {
            case PolkitMood.Error:
                SdBusConnection.ReplyError(call, "org.freedesktop.PolicyKit1.Error.Failed", "the rules cannot be read");
                break;
            case PolkitMood.Nonsense:
                SdBusConnection.Reply(call, "certainly");
                break;
            case PolkitMood.Half:
                SdBusConnection.Reply(call, true);
                break;
            default:
                Reply(call, mood == PolkitMood.Yes, mood == PolkitMood.Challenge);
                break;
        }
    }

    private static void Reply(Message call, bool authorized, bool challenge)
    {
        Checked.Result(LibSystemd.sd_bus_message_new_method_return(call, out Message reply));
        using Message sent = reply;
        reply.OpenContainer('r', "bba{ss}");
        reply.Append(authorized);
        reply.Append(challenge);
        reply.OpenContainer('a', "{ss}");
        reply.CloseContainer();
        reply.CloseContainer();
        Checked.Result(LibSystemd.sd_bus_message_send(reply));
    }
}
