import Modeler from 'bpmn-js/lib/Modeler'

export default Modeler
