using XenBalloon.Bus.Definitions;

namespace XenBalloon.Bus.SdBus;

/// <content>Asking polkit.</content>
internal sealed partial class SdBusConnection
{
    private const string PolkitName = "org.freedesktop.PolicyKit1";
    private const string PolkitPath = "/org/freedesktop/PolicyKit1/Authority";
    private const string PolkitInterface = "org.freedesktop.PolicyKit1.Authority";
    private static readonly TimeSpan PeopleAnswerWithin = TimeSpan.FromMinutes(5);

    /// <summary>How long polkit may take where it asks nobody for a password.</summary>
    internal TimeSpan PolkitAnswersWithin { get; set; } = BusAnswersWithin;

    /// <summary>Asks polkit whether somebody may do something.</summary>
    /// <param name="uniqueName">Who.</param>
    /// <param name="action">What: an action of our policy file.</param>
    /// <param name="mayAsk">Whether a person may be asked for a password, which takes its time.</param>
    internal async Task<PolkitAnswer> AskPolkitAsync(string uniqueName, string action, bool mayAsk)
    {
        try
        {
            return await SendToPolkit(uniqueName, action, mayAsk).Result;
        }
        catch (CallErrorException exception) when (exception.Name is ErrorNames.ServiceUnknown or ErrorNames.NameHasNoOwner or ErrorNames.SpawnFailed)
        {
            return PolkitAnswer.Absent;
        }
        catch (Exception exception) when (exception is CallErrorException or SdBusException)
        {
            // No answer, or none that can be understood, is no leave.
            throw new MethodErrorException(ErrorNames.AccessDenied, $"polkit could not be asked whether you may ({exception.Message}): try again, or use sudo");
        }
    }

    private PendingReply<PolkitAnswer> SendToPolkit(string uniqueName, string action, bool mayAsk)
    {
        using Message call = NewCall(PolkitName, PolkitPath, PolkitInterface, "CheckAuthorization", []);
        call.OpenContainer('r', "sa{sv}");
        call.Append("system-bus-name");
        call.Append(BusValue.Dictionary(new Dictionary<string, BusValue>(StringComparer.Ordinal) { ["name"] = uniqueName }));
        call.CloseContainer();
        call.Append(action);
        call.OpenContainer('a', "{ss}"); // details for the dialogue: none
        call.CloseContainer();
        call.Append(mayAsk ? 1u : 0u);
        call.Append(""); // not to be cancelled
        var pending = new PendingReply<PolkitAnswer>(this, ReadAnswer);
        pending.Send(bus, call, Microseconds(mayAsk ? PeopleAnswerWithin : PolkitAnswersWithin));
        return pending;
    }

    /// <summary>Reads <c>(bba{ss})</c>: whether the caller may, and whether a password would help.</summary>
    private static PolkitAnswer ReadAnswer(Message answer)
    {
        answer.EnterContainer('r', "bba{ss}");
        bool authorized = answer.Read(BusValue.Boolean).Number != 0, challenge = answer.Read(BusValue.Boolean).Number != 0;
        return authorized ? PolkitAnswer.Authorized : challenge ? PolkitAnswer.NeedsPassword : PolkitAnswer.Denied;
    }
}
